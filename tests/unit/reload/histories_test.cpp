// SPDX-License-Identifier: Apache-2.0
//
// What is kept of the scanners' histories, and what becomes of files that say something odd.
#include "reload/histories.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <fstream>

#include "support/files.hpp"

namespace scanhost::reload {
namespace {

namespace fs = std::filesystem;
using runner::generation_change;
using runner::scanner_status;
using test_support::contents;
using test_support::temporary_folder;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr auto config_file = "/etc/scanhost.yaml";

base::timestamp moment(std::int64_t seconds) { return base::timestamp(std::chrono::seconds(seconds)); }

const generation_change first{1, "ab12", "1.0.0", moment(100), "started", ""};
const generation_change second{2, "cd34", "1.1.0", moment(200), "reloaded", "the file has changed"};

scanner_status scanner(const std::string& name, histories::changes history) {
  scanner_status status;
  status.name = name;
  status.history = std::move(history);
  return status;
}

class kept_histories : public testing::Test {
 protected:
  histories make(const std::string& config = config_file) {
    return {place_.path(), config, [this](const std::string& warning) { warnings_.push_back(warning); }};
  }
  histories::changes loaded(const std::string& name, const std::string& config = config_file) {
    auto fresh = make(config);
    EXPECT_TRUE(fresh.load());
    return fresh.find(name);
  }
  void write(const std::string& text) { std::ofstream(file()) << text; }
  fs::path file() { return place_.path() / "history.json"; }

  temporary_folder place_;
  std::vector<std::string> warnings_;
};

TEST_F(kept_histories, are_there_again_after_a_restart) {
  auto subject = make();
  EXPECT_TRUE(subject.take({scanner("sweep", {first, second}), scanner("fresh", {})}));
  EXPECT_TRUE(subject.unsaved());
  ASSERT_TRUE(subject.save());
  EXPECT_FALSE(subject.unsaved());
  EXPECT_THAT(loaded("sweep"), ElementsAre(first, second));
  EXPECT_THAT(loaded("fresh"), IsEmpty());
}

TEST_F(kept_histories, are_written_only_if_something_is_new) {
  auto subject = make();
  ASSERT_TRUE(subject.take({scanner("sweep", {first})}));
  ASSERT_TRUE(subject.save());
  EXPECT_FALSE(subject.take({scanner("sweep", {first})}));
  EXPECT_FALSE(subject.unsaved());
  EXPECT_TRUE(subject.take({scanner("sweep", {first, second})}));
}

TEST_F(kept_histories, are_those_of_one_configuration) {
  auto subject = make();
  subject.take({scanner("sweep", {first})});
  ASSERT_TRUE(subject.save());
  auto other = make("/etc/other.yaml");
  other.take({scanner("sweep", {second})});
  ASSERT_TRUE(other.save());
  EXPECT_THAT(loaded("sweep"), ElementsAre(first));
  EXPECT_THAT(loaded("sweep", "/etc/other.yaml"), ElementsAre(second));
}

TEST_F(kept_histories, stay_while_the_scanner_is_gone) {
  auto subject = make();
  subject.take({scanner("sweep", {first}), scanner("other", {second})});
  subject.take({scanner("other", {second})});
  EXPECT_THAT(subject.find("sweep"), ElementsAre(first));
}

TEST_F(kept_histories, are_dropped_where_there_are_too_many_those_that_changed_first) {
  auto subject = make();
  std::vector<scanner_status> statuses;
  for (std::size_t i = 0; i <= histories::max_kept; ++i) {
    auto change = first;
    change.at = moment(static_cast<std::int64_t>(i));
    statuses.push_back(scanner(fmt::format("scanner_{}", i), {change}));
  }
  subject.take(statuses);
  EXPECT_THAT(subject.find("scanner_0"), IsEmpty());
  EXPECT_FALSE(subject.find("scanner_1").empty());
}

TEST_F(kept_histories, cannot_disturb_a_terminal) {
  write(
      R"({"/etc/scanhost.yaml": {"sweep": [{"generation": 1, "sha256": "ab", "version": "1\u001b[2J", "at_ms": 5,
            "outcome": "started", "reason": "two\nlines \u00e9"}]}})");
  const auto history = loaded("sweep");
  ASSERT_EQ(history.size(), 1u);
  EXPECT_EQ(history[0].version, "1 [2J");
  EXPECT_EQ(history[0].reason, "two lines \u00e9");
}

TEST_F(kept_histories, begin_anew_where_the_file_cannot_be_parsed) {
  for (const char* wrong : {"{\"half", "[]", R"({"/etc/scanhost.yaml": {"sweep": [{"generation": "x"}]}})",
                            R"({"/etc/scanhost.yaml": {"sweep": [7]}})", R"({"/etc/scanhost.yaml": 7})"}) {
    warnings_.clear();
    write(wrong);
    EXPECT_THAT(loaded("sweep"), IsEmpty()) << wrong;
    EXPECT_THAT(warnings_, ElementsAre(testing::AllOf(HasSubstr("history.json: cannot be parsed: "),
                                                      HasSubstr("the histories of the scanners begin anew"))))
        << wrong;
    EXPECT_FALSE(fs::exists(file())) << "it is moved aside";
  }
}

TEST_F(kept_histories, that_cannot_be_written_are_an_error_and_stay_unsaved) {
  auto subject = make();
  subject.take({scanner("sweep", {first})});
  fs::create_directory(file());
  const auto saved = subject.save();
  ASSERT_FALSE(saved);
  EXPECT_THAT(saved.error().message, HasSubstr("history.json"));
  EXPECT_TRUE(subject.unsaved());
}

}  // namespace
}  // namespace scanhost::reload
