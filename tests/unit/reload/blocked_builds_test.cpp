// SPDX-License-Identifier: Apache-2.0
//
// Builds that must not be used, across several runs of hosts.
#include "reload/blocked_builds.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <string>
#include <thread>
#include <vector>

#include "support/files.hpp"

namespace scanhost::reload {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const std::string hash_a = "aaaaaaaa" + std::string(56, '1');
const std::string hash_a2 = "aaaaaaaa" + std::string(56, '2');
const std::string hash_b = "bbbbbbbb" + std::string(56, '1');

blocked_build build(const std::string& sha256, const std::string& reason = "it errs") {
  return {sha256, "lease_expiry@acme", "lease_expiry", reason, {}};
}

struct fixture : testing::Test {
  test_support::temporary_folder place;
  std::vector<std::string> warnings;
  blocked_builds builds = open();

  blocked_builds open() {
    return {place.path(), [this](const std::string& text) { warnings.push_back(text); }};
  }
  std::filesystem::path file() const { return place / "blocked.json"; }
  bool is_blocked(const std::string& sha256) { return builds.find(sha256).value().has_value(); }
};

struct blocked_builds_of_a_place : fixture {};

TEST_F(blocked_builds_of_a_place, are_none_at_first) {
  EXPECT_FALSE(is_blocked(hash_a));
  EXPECT_THAT(builds.list().value(), IsEmpty());
  EXPECT_FALSE(std::filesystem::exists(file()));
}

TEST_F(blocked_builds_of_a_place, stay_blocked_for_the_next_host) {
  ASSERT_TRUE(builds.block(build(hash_a)));
  const auto found = open().find(hash_a).value();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->sha256, hash_a);
  EXPECT_EQ(found->scanner, "lease_expiry@acme");
  EXPECT_EQ(found->plugin, "lease_expiry");
  EXPECT_EQ(found->reason, "it errs");
  EXPECT_GT(found->since, base::timestamp{});
  EXPECT_FALSE(is_blocked(hash_b));
}

TEST_F(blocked_builds_of_a_place, keep_their_first_reason) {
  ASSERT_TRUE(builds.block(build(hash_a, "first")));
  ASSERT_TRUE(builds.block(build(hash_a, "second")));
  EXPECT_EQ(builds.find(hash_a).value()->reason, "first");
}

TEST_F(blocked_builds_of_a_place, are_for_the_user_of_the_host_alone_and_leave_nothing_beside) {
  ASSERT_TRUE(builds.block(build(hash_a)));
  struct stat status {};
  ASSERT_EQ(::stat(file().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(place.path()))
    names.push_back(entry.path().filename());
  EXPECT_THAT(names, testing::UnorderedElementsAre("blocked.json", "lock"));
}

TEST_F(blocked_builds_of_a_place, do_not_mind_what_a_host_left_that_was_killed_while_it_wrote) {
  test_support::write(place / "blocked.json.new", "{\"blo");
  ASSERT_TRUE(builds.block(build(hash_a)));
  EXPECT_TRUE(is_blocked(hash_a));
  EXPECT_FALSE(std::filesystem::exists(place / "blocked.json.new"));
}

TEST_F(blocked_builds_of_a_place, are_released_by_a_prefix_that_only_one_has) {
  ASSERT_TRUE(builds.block(build(hash_a)));
  ASSERT_TRUE(builds.block(build(hash_b)));
  EXPECT_EQ(builds.release("bbbbbbbb").value().sha256, hash_b);
  EXPECT_FALSE(is_blocked(hash_b));
  EXPECT_TRUE(is_blocked(hash_a));
}

TEST_F(blocked_builds_of_a_place, are_not_released_by_a_prefix_that_two_have) {
  ASSERT_TRUE(builds.block(build(hash_a)));
  ASSERT_TRUE(builds.block(build(hash_a2)));
  EXPECT_THAT(builds.release("aaaaaaaa").error().message, HasSubstr("give more digits"));
  EXPECT_EQ(builds.release(hash_a).value().sha256, hash_a);
  EXPECT_TRUE(is_blocked(hash_a2));
}

TEST_F(blocked_builds_of_a_place, are_not_released_by_a_short_or_unknown_prefix) {
  ASSERT_TRUE(builds.block(build(hash_a)));
  EXPECT_EQ(builds.release("aaaaaaa").error().code, base::errc::usage);
  EXPECT_EQ(builds.release("bbbbbbbb").error().code, base::errc::no_input);
  EXPECT_TRUE(is_blocked(hash_a));
}

TEST_F(blocked_builds_of_a_place, are_those_that_crashed_so_often_in_a_row) {
  EXPECT_FALSE(builds.crashed(build(hash_a, "SIGSEGV in scan"), 3).value());
  EXPECT_FALSE(builds.crashed(build(hash_b), 3).value());
  EXPECT_FALSE(open().crashed(build(hash_a, "SIGSEGV in scan"), 3).value());
  EXPECT_TRUE(open().crashed(build(hash_a, "SIGSEGV in scan"), 3).value());
  EXPECT_EQ(builds.find(hash_a).value()->reason,
            "it crashed its host 3 times in a row, the last time: SIGSEGV in scan");
  EXPECT_FALSE(is_blocked(hash_b));
}

TEST_F(blocked_builds_of_a_place, do_not_come_from_crashes_with_good_runs_between) {
  builds.crashed(build(hash_a), 2).value();
  ASSERT_TRUE(builds.ran_well(hash_a));
  EXPECT_FALSE(builds.crashed(build(hash_a), 2).value());
  EXPECT_TRUE(builds.crashed(build(hash_a), 2).value());
}

TEST_F(blocked_builds_of_a_place, begin_anew_after_their_release) {
  builds.crashed(build(hash_a), 2).value();
  builds.crashed(build(hash_a), 2).value();
  ASSERT_TRUE(builds.release(hash_a));
  EXPECT_FALSE(builds.crashed(build(hash_a), 2).value());
}

TEST_F(blocked_builds_of_a_place, do_not_come_from_crashes_without_a_limit) {
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(builds.crashed(build(hash_a), 0).value());
}

TEST_F(blocked_builds_of_a_place, are_not_written_for_a_build_that_never_crashed) {
  ASSERT_TRUE(builds.ran_well(hash_a));
  EXPECT_FALSE(std::filesystem::exists(file()));
}

// The file that was moved aside.
std::string moved_aside(const std::filesystem::path& place) {
  for (const auto& entry : std::filesystem::directory_iterator(place))
    if (entry.path().filename().string().starts_with("blocked.json.bad-"))
      return test_support::contents(entry.path());
  return "(none)";
}

struct a_file_of_blocked_builds : fixture, testing::WithParamInterface<std::string> {};

TEST_P(a_file_of_blocked_builds, is_moved_aside_with_a_warning_when_it_cannot_be_understood) {
  test_support::write(file(), GetParam());
  EXPECT_FALSE(is_blocked(hash_a));
  EXPECT_THAT(warnings, ElementsAre(HasSubstr("block again")));
  EXPECT_EQ(moved_aside(place.path()), GetParam());
  ASSERT_TRUE(builds.block(build(hash_a)));
  EXPECT_TRUE(is_blocked(hash_a));
  EXPECT_THAT(warnings, SizeIs(1));
}

INSTANTIATE_TEST_SUITE_P(spoilt, a_file_of_blocked_builds,
                         testing::Values("", "{", "[]", R"({"blocked":{}})",
                                         R"({"blocked":{"x":{"scanner":1}},"crashes":{}})",
                                         R"({"blocked":{},"crashes":{"x":"many"}})", "\xff\xfe"));

TEST_F(blocked_builds_of_a_place, keep_what_several_hosts_write_at_once) {
  constexpr int hosts = 4;
  constexpr int each = 10;
  std::vector<std::thread> running;
  for (int host = 0; host < hosts; ++host)
    running.emplace_back([this, host] {
      blocked_builds mine(place.path(), [](const std::string&) {});
      for (int i = 0; i < each; ++i) {
        const auto name = std::to_string(host) + "-" + std::to_string(i);
        EXPECT_TRUE(mine.block(build(name + std::string(64 - name.size(), '0'))));
        EXPECT_TRUE(mine.crashed(build(hash_a), 0));
      }
    });
  for (auto& thread : running) thread.join();
  EXPECT_THAT(builds.list().value(), SizeIs(hosts * each));
  EXPECT_TRUE(builds.crashed(build(hash_a), hosts * each + 1).value());
}

TEST_F(blocked_builds_of_a_place, say_when_the_place_is_gone) {
  std::filesystem::remove_all(place.path());
  EXPECT_THAT(builds.block(build(hash_a)).error().message, HasSubstr("plugins.staging"));
}

}  // namespace
}  // namespace scanhost::reload
