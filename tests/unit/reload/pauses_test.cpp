// SPDX-License-Identifier: Apache-2.0
//
// What a pause may say, and that it is kept.
#include "reload/pauses.hpp"

#include <gmock/gmock.h>

#include "support/files.hpp"

namespace scanhost::reload {
namespace {

namespace fs = std::filesystem;
using runner::pause_details;
using test_support::contents;
using test_support::temporary_folder;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

base::timestamp at(std::int64_t seconds) { return base::timestamp(std::chrono::seconds(seconds)); }

// --- the rules

std::string problem_of(const pause_request& request) {
  const auto checked = check_pause(request, at(100));
  return checked ? "" : checked.error().message;
}

TEST(pause_request, without_options_is_a_pause_without_an_end) {
  EXPECT_EQ(check_pause({"root", {}, {}}, at(100)).value(), (pause_details{"root", "", at(100), {}}));
}

TEST(pause_request, gives_reason_and_end) {
  EXPECT_EQ(check_pause({"root", "  caf\u00e9 is moved ", "2h"}, at(100)).value(),
            (pause_details{"root", "caf\u00e9 is moved", at(100), at(7300)}));
}

TEST(pause_request, lasts_from_a_second_to_a_year) {
  EXPECT_EQ(problem_of({"", {}, "1s"}) + problem_of({"", {}, "365d"}), "");
  EXPECT_EQ(problem_of({"", {}, "999ms"}), "for: must be from 1s to 365d, not 999ms");
  EXPECT_EQ(problem_of({"", {}, "366d"}), "for: must be from 1s to 365d, not 366d");
  for (const char* wrong : {"", "0", "2", "2 h", "-2h", "1e9d", "forever"})
    EXPECT_THAT(problem_of({"", {}, wrong}), testing::StartsWith("for: ")) << wrong;
}

TEST(pause_request, has_a_reason_of_200_bytes_at_most) {
  EXPECT_EQ(problem_of({"", std::string(200, 'x'), {}}), "");
  EXPECT_EQ(problem_of({"", std::string(201, 'x'), {}}), "reason: has 201 bytes; at most 200 are possible");
  EXPECT_EQ(problem_of({"", "  ", {}}), "reason: is empty; say why, or leave it out");
}

TEST(pause_request, has_a_reason_that_cannot_disturb_a_terminal) {
  for (const char* wrong : {"a\nb", "a\tb", "\x1b[2J", "\x7f", "\xc2\x9b", "\xe2\x80\xae", "\xe2\x81\xa6",
                            "\xe2\x80\xa8", "\xff", "\xc3"})
    EXPECT_EQ(problem_of({"", std::string("x") + wrong, {}}),
              "reason: must be one line of UTF-8 text without control characters")
        << wrong;
  EXPECT_EQ(problem_of({"", "na\u00efve \u20ac \u2014 \U0001f600", {}}), "");
}

TEST(pause_text, says_what_is_known) {
  EXPECT_EQ(to_text(pause_details{}), "paused");
  EXPECT_EQ(to_text(pause_details{"root", "why", at(0) + std::chrono::hours(1), at(7200)}),
            "paused by root since 1970-01-01T01:00:00Z until 1970-01-01T02:00:00Z: why");
}

TEST(pause_notes, name_pauses_without_a_scanner_and_scanners_that_start_paused) {
  const pause_entries pauses{{"gone", {"root", "why", {}, {}}}, {"fresh", {}}, {"old", {}}};
  const auto notes = pause_notes(pauses, {"old"}, {"old", "fresh", "other"});
  EXPECT_THAT(
      notes,
      ElementsAre("fresh starts paused",
                  testing::AllOf(HasSubstr("gone is not in the configuration or not enabled; "),
                                 HasSubstr("paused by root: why"), HasSubstr("scanhost ctl resume gone"))));
}

// --- what is kept

class kept_pauses : public testing::Test {
 protected:
  pauses make(const std::string& config = "/etc/scanhost.yaml") {
    return {place_.path(), config, [this](const std::string& warning) { warnings_.push_back(warning); }};
  }
  pause_entries loaded(const std::string& config = "/etc/scanhost.yaml") {
    auto fresh = make(config);
    EXPECT_TRUE(fresh.load());
    return fresh.entries();
  }
  fs::path file() { return place_.path() / "pauses.json"; }
  std::ptrdiff_t count_files() {
    return std::distance(fs::directory_iterator(place_.path()), fs::directory_iterator());
  }

  temporary_folder place_;
  std::vector<std::string> warnings_;
  const pause_details pause_{"root", "the queue \"a\" is moved", at(100), at(200)};
};

TEST_F(kept_pauses, are_there_again_after_a_restart) {
  auto first = make();
  first.set("sweep", pause_);
  first.set("other", {"root", "", at(5), {}});
  EXPECT_TRUE(first.unsaved());
  ASSERT_TRUE(first.save());
  EXPECT_FALSE(first.unsaved());
  EXPECT_EQ(loaded(), first.entries());
}

TEST_F(kept_pauses, are_gone_when_they_were_ended) {
  auto first = make();
  first.set("sweep", pause_);
  ASSERT_TRUE(first.save());
  EXPECT_TRUE(first.end("sweep"));
  EXPECT_TRUE(first.unsaved());
  EXPECT_FALSE(first.end("sweep"));
  ASSERT_TRUE(first.save());
  EXPECT_THAT(loaded(), IsEmpty());
}

TEST_F(kept_pauses, end_when_their_time_has_come) {
  auto subject = make();
  subject.set("sweep", pause_);
  subject.set("other", {});
  EXPECT_THAT(subject.end_those_over(at(199)), IsEmpty());
  EXPECT_THAT(subject.end_those_over(at(200)), ElementsAre(Pair("sweep", pause_)));
  EXPECT_THAT(subject.entries(), ElementsAre(Pair("other", pause_details{})));
}

TEST_F(kept_pauses, are_replaced_by_later_ones) {
  auto subject = make();
  subject.set("sweep", pause_);
  subject.set("sweep", {"other", "", at(1), {}});
  EXPECT_EQ(subject.entries().at("sweep").by, "other");
  subject.visit("sweep", [](const auto* pause) { EXPECT_EQ(pause->by, "other"); });
  subject.visit("none", [](const auto* pause) { EXPECT_EQ(pause, nullptr); });
}

TEST_F(kept_pauses, are_those_of_one_configuration) {
  auto first = make("/etc/a.yaml");
  auto second = make("/etc/b.yaml");
  first.set("sweep", pause_);
  second.set("sweep", {"other", "", at(1), {}});
  ASSERT_TRUE(first.save());
  ASSERT_TRUE(second.save());
  ASSERT_TRUE(first.save());
  EXPECT_EQ(loaded("/etc/a.yaml"), first.entries());
  EXPECT_EQ(loaded("/etc/b.yaml"), second.entries());
}

TEST_F(kept_pauses, that_cannot_be_parsed_are_moved_aside_with_a_warning) {
  for (const std::string text :
       {"{", "[]", "nonsense", R"({"/etc/scanhost.yaml": {"sweep": {"by": 7}}})",
        R"({"/etc/scanhost.yaml": [1]})",
        R"({"/etc/scanhost.yaml": {"sweep": {"by": "", "reason": "", "at_ms": "x", "until_ms": null}}})"}) {
    warnings_.clear();
    test_support::write(file(), text);
    const auto before = count_files();
    EXPECT_THAT(loaded(), IsEmpty()) << text;
    EXPECT_THAT(warnings_, ElementsAre(HasSubstr("it was renamed to"))) << text;
    EXPECT_FALSE(fs::exists(file()));
    EXPECT_GE(count_files(), before);
  }
}

TEST_F(kept_pauses, can_be_kept_again_over_a_file_that_cannot_be_parsed) {
  test_support::write(file(), "{");
  auto subject = make();
  subject.set("sweep", pause_);
  ASSERT_TRUE(subject.save());
  EXPECT_EQ(warnings_.size(), 1u);
  EXPECT_EQ(loaded(), subject.entries());
}

TEST_F(kept_pauses, have_no_reason_that_could_disturb_a_terminal) {
  test_support::write(
      file(),
      R"({"/etc/scanhost.yaml": {"sweep": {"by": "a\u001b[2J", "reason": "b\n", "at_ms": 1, "until_ms": null}}})");
  EXPECT_THAT(loaded(),
              ElementsAre(Pair("sweep", pause_details{"", "", base::timestamp(base::milliseconds(1)), {}})));
}

TEST_F(kept_pauses, stay_unsaved_when_the_disk_refuses) {
  fs::create_directory(file());
  auto subject = make();
  subject.set("sweep", pause_);
  const auto saved = subject.save();
  ASSERT_FALSE(saved);
  EXPECT_THAT(saved.error().message, HasSubstr("pauses.json"));
  EXPECT_TRUE(subject.unsaved());
}

}  // namespace
}  // namespace scanhost::reload
