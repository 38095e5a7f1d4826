// SPDX-License-Identifier: Apache-2.0
//
// Lines of the audit, and the file that they go to.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <chrono>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "base/utf8.hpp"
#include "store/gate/audit_entry.hpp"
#include "store/gate/audit_file.hpp"
#include "support/commands.hpp"
#include "support/files.hpp"
#include "unit/store/replies.hpp"

namespace scanhost::store {
namespace {

using nlohmann::json;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

scanhost_outcome outcome_with(std::int32_t kind, const scanhost_reply* reply) {
  return {sizeof(scanhost_outcome), kind, reply, {nullptr, 0}};
}

TEST(audit_entry, says_who_changed_what_and_how_it_ended) {
  const command_title title{"FCALL", "ff_expire", {}};
  const auto reply = reply_with(SCANHOST_REPLY_STATUS, "OK");
  const auto outcome = outcome_with(SCANHOST_OUTCOME_REPLY, &reply);
  const audit_author author{"carts", 3, "abc", {}};
  const audit_entry entry{base::timestamp(base::milliseconds(1'700'000'000'007)),
                          "{fp:1}",
                          "cart-7",
                          title,
                          outcome,
                          base::milliseconds(12)};
  const auto line = to_line(author, entry);
  EXPECT_THAT(line, EndsWith("\n"));
  EXPECT_EQ(json::parse(line), (json{{"time", "2023-11-14T22:13:20.007Z"},
                                     {"scanner", "carts"},
                                     {"generation", 3},
                                     {"build", "abc"},
                                     {"partition", "{fp:1}"},
                                     {"item", "cart-7"},
                                     {"command", "FCALL"},
                                     {"function", "ff_expire"},
                                     {"outcome", "reply"},
                                     {"held_back", false},
                                     {"reply", "OK"},
                                     {"lateness_ms", 12}}));
}

TEST(audit_entry, of_a_held_back_command_has_no_reply) {
  const command_title title{"EVALSHA", {}, "0123"};
  const auto outcome = outcome_with(SCANHOST_OUTCOME_HELD_BACK, nullptr);
  const auto line = json::parse(to_line({"carts", 1, "abc", {}}, {{}, "", "x", title, outcome, {}}));
  EXPECT_EQ(line.at("held_back"), true);
  EXPECT_EQ(line.at("script"), "0123");
  EXPECT_TRUE(line.at("reply").is_null());
  EXPECT_TRUE(line.at("lateness_ms").is_null());
}

TEST(audit_entry, shows_no_secret_of_the_scanner) {
  const command_title title{"SET", {}, {}};
  const auto reply = reply_with(SCANHOST_REPLY_STRING, "token=hunter22");
  const auto outcome = outcome_with(SCANHOST_OUTCOME_REPLY, &reply);
  const audit_author author{"carts", 1, "abc", base::redaction({base::secret("hunter22")})};
  EXPECT_THAT(to_line(author, {{}, "", "hunter22", title, outcome, {}}), Not(HasSubstr("hunter22")));
}

TEST(audit_entry, bytes_that_are_no_utf8_become_the_replacement_character) {
  const command_title title{"SET", {}, {}};
  const auto outcome = outcome_with(SCANHOST_OUTCOME_HELD_BACK, nullptr);
  const auto line = to_line({"carts", 1, "abc", {}}, {{}, "", "a\xff", title, outcome, {}});
  EXPECT_EQ(json::parse(line).at("item"), "a\xef\xbf\xbd");
}

TEST(audit_entry, a_long_reply_is_cut_between_two_characters) {
  reply_tree text(std::string(199, 'x') + "\xe2\x82\xac" + "yy");
  const auto cut = reply_text(text.get());
  EXPECT_EQ(cut, std::string(199, 'x'));
  EXPECT_TRUE(base::valid_utf8(cut));
}

TEST(audit_entry, shows_the_elements_of_a_list) {
  reply_tree list{1, "OK", reply_tree::nothing()};
  EXPECT_EQ(reply_text(list.get()), "[1, OK, (nil)]");
}

// --- the file

class audit_files : public testing::Test {
 protected:
  config::audit_settings settings(std::int64_t max_size, std::uint32_t max_files) const {
    config::audit_settings settings;
    settings.file = folder_.path() / "audit";
    settings.max_size = max_size;
    settings.max_files = max_files;
    return settings;
  }
  std::string content(const std::string& ending = {}) const {
    std::ifstream stream((folder_.path() / "audit").string() + ending);
    std::stringstream text;
    text << stream.rdbuf();
    return text.str();
  }
  bool exists(const std::string& ending) const {
    return std::filesystem::exists((folder_.path() / "audit").string() + ending);
  }
  template <class Condition>
  static bool eventually(Condition condition) {
    const auto deadline = base::steady::now() + std::chrono::seconds(10);
    while (base::steady::now() < deadline) {
      if (condition()) return true;
      std::this_thread::yield();
    }
    return false;
  }

  const test_support::temporary_folder folder_;
};

TEST_F(audit_files, has_all_lines_when_it_ends) {
  {
    audit_file file(settings(1 << 20, 3));
    file.add("one\n");
    file.add("two\n");
  }
  EXPECT_EQ(content(), "one\ntwo\n");
}

TEST_F(audit_files, appends_to_what_is_there) {
  { audit_file(settings(1 << 20, 3)).add("one\n"); }
  { audit_file(settings(1 << 20, 3)).add("two\n"); }
  EXPECT_EQ(content(), "one\ntwo\n");
}

TEST_F(audit_files, keeps_as_many_files_as_it_may) {
  {
    audit_file file(settings(8, 3));
    for (const auto* line : {"1111\n", "2222\n", "3333\n", "4444\n"}) file.add(line);
  }
  EXPECT_EQ(content(), "4444\n");
  EXPECT_EQ(content(".1"), "3333\n");
  EXPECT_EQ(content(".2"), "2222\n");
  EXPECT_FALSE(exists(".3"));
}

TEST_F(audit_files, begins_anew_when_only_one_may_be_kept) {
  {
    audit_file file(settings(8, 1));
    file.add("1111\n");
    file.add("2222\n");
  }
  EXPECT_EQ(content(), "2222\n");
  EXPECT_FALSE(exists(".1"));
}

TEST_F(audit_files, is_made_anew_when_somebody_moved_it_away) {
  {
    audit_file file(settings(1 << 20, 3));
    file.add("one\n");
    ASSERT_TRUE(eventually([&] { return content() == "one\n"; }));
    std::filesystem::rename(folder_.path() / "audit", folder_.path() / "moved");
    file.add("two\n");
  }
  EXPECT_EQ(content(), "two\n");
}

TEST_F(audit_files, counts_what_it_cannot_write_and_says_so_once) {
  config::audit_settings full;
  full.file = "/dev/full";
  audit_file file(full);
  file.add("one\n");
  file.add("two\n");
  std::uint64_t dropped = 0;
  EXPECT_TRUE(eventually([&] { return (dropped += file.take_counts().dropped) == 2; }));
  const auto notice = file.take_notice();
  ASSERT_TRUE(notice);
  EXPECT_TRUE(notice->failing);
  EXPECT_THAT(notice->text,
              HasSubstr("the audit file '/dev/full' cannot be written: No space left on device"));
  EXPECT_FALSE(file.take_notice());
}

TEST_F(audit_files, says_when_it_can_be_written_again) {
  auto missing = settings(1 << 20, 3);
  missing.file = folder_.path() / "folder" / "audit";
  audit_file file(missing);
  file.add("one\n");
  ASSERT_TRUE(eventually([&] { return file.take_counts().dropped == 1; }));
  EXPECT_TRUE(file.take_notice()->failing);
  std::filesystem::create_directory(folder_.path() / "folder");
  file.add("two\n");
  ASSERT_TRUE(eventually([&] { return file.take_counts().written == 1; }));
  const auto notice = file.take_notice();
  ASSERT_TRUE(notice);
  EXPECT_FALSE(notice->failing);
  EXPECT_THAT(notice->text, EndsWith("is written again; 1 entries are lost"));
}

TEST_F(audit_files, a_disk_that_does_not_answer_costs_lines_and_not_time) {
  const auto pipe = folder_.path() / "audit";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);  // nobody reads: opening it does not return
  audit_file file(settings(1 << 20, 3));
  const std::string line = std::string((std::size_t{1} << 20) - 1, 'x') + "\n";
  for (int i = 0; i < 10; ++i) file.add(line);
  EXPECT_GE(file.take_counts().dropped, 2u);
}

TEST_F(audit_files, scanners_with_the_same_settings_share_it) {
  const auto first = shared_audit_file(settings(1 << 20, 3));
  EXPECT_EQ(shared_audit_file(settings(1 << 20, 3)), first);
  EXPECT_NE(shared_audit_file(settings(1 << 21, 3)), first);
  EXPECT_EQ(shared_audit_file({}), nullptr);
}

}  // namespace
}  // namespace scanhost::store
