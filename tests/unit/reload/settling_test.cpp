// SPDX-License-Identifier: Apache-2.0
//
// When a file counts as complete, with files that exist only in the test.
#include "reload/settling.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

namespace scanhost::reload {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

const base::steady_time t0 = base::steady_time(1000s);

struct files : testing::Test {
  std::map<settling::path, base::file_identity> there;
  settling settles{[this](const settling::path& file) -> std::optional<base::file_identity> {
    const auto found = there.find(file);
    return found == there.end() ? std::nullopt : std::optional(found->second);
  }};

  void write(const std::string& name, std::int64_t size) { there[name] = {1, 1, size, size, size}; }
  void change_and_notice(const std::string& name, std::int64_t size, base::steady_time now) {
    write(name, size);
    settles.noticed(name, now);
  }
};

struct a_file : files {};

TEST_F(a_file, is_reported_when_it_has_rested) {
  change_and_notice("a.so", 10, t0);
  EXPECT_THAT(settles.settled(t0 + 199ms), IsEmpty());
  EXPECT_THAT(settles.settled(t0 + 200ms), ElementsAre("a.so"));
}

TEST_F(a_file, is_reported_once) {
  change_and_notice("a.so", 10, t0);
  settles.settled(t0 + 200ms);
  EXPECT_FALSE(settles.busy());
  EXPECT_THAT(settles.settled(t0 + 10s), IsEmpty());
}

TEST_F(a_file, is_never_reported_while_it_changes) {
  change_and_notice("a.so", 1, t0);
  for (int i = 1; i < 100; ++i) {
    write("a.so", 1 + i);  // without an event
    EXPECT_THAT(settles.settled(t0 + i * 150ms), IsEmpty());
  }
  EXPECT_THAT(settles.settled(t0 + 99 * 150ms + 200ms), ElementsAre("a.so"));
}

TEST_F(a_file, rests_anew_after_a_change_that_was_noticed) {
  change_and_notice("a.so", 1, t0);
  change_and_notice("a.so", 2, t0 + 150ms);
  EXPECT_THAT(settles.settled(t0 + 300ms), IsEmpty());
  EXPECT_THAT(settles.settled(t0 + 350ms), ElementsAre("a.so"));
}

TEST_F(a_file, rests_on_when_it_is_noticed_without_a_change) {
  change_and_notice("a.so", 1, t0);
  settles.noticed("a.so", t0 + 150ms);
  EXPECT_THAT(settles.settled(t0 + 200ms), ElementsAre("a.so"));
}

TEST_F(a_file, is_not_reported_when_it_is_as_it_was_known) {
  write("a.so", 1);
  settles.known("a.so");
  settles.noticed("a.so", t0);
  EXPECT_THAT(settles.settled(t0 + 1s), IsEmpty());
  EXPECT_FALSE(settles.busy());
}

TEST_F(a_file, is_reported_when_another_with_the_same_size_took_its_place) {
  write("a.so", 1);
  settles.known("a.so");
  there["a.so"].inode = 2;
  settles.noticed("a.so", t0);
  EXPECT_THAT(settles.settled(t0 + 200ms), ElementsAre("a.so"));
}

TEST_F(a_file, that_vanished_is_reported_when_it_stays_away) {
  write("a.so", 1);
  settles.known("a.so");
  there.clear();
  settles.noticed("a.so", t0);
  EXPECT_THAT(settles.settled(t0 + 499ms), IsEmpty());
  EXPECT_THAT(settles.settled(t0 + 500ms), ElementsAre("a.so"));
}

TEST_F(a_file, that_is_replaced_is_reported_as_one_change) {
  write("a.so", 1);
  settles.known("a.so");
  there.clear();
  settles.noticed("a.so", t0);
  settles.settled(t0 + 100ms);
  change_and_notice("a.so", 2, t0 + 400ms);
  EXPECT_THAT(settles.settled(t0 + 500ms), IsEmpty());
  EXPECT_THAT(settles.settled(t0 + 600ms), ElementsAre("a.so"));
  EXPECT_FALSE(settles.busy());
}

TEST_F(a_file, that_came_and_went_is_not_reported) {
  change_and_notice("a.so", 1, t0);
  there.clear();
  settles.noticed("a.so", t0 + 100ms);
  EXPECT_THAT(settles.settled(t0 + 1s), IsEmpty());
  EXPECT_FALSE(settles.busy());
}

TEST_F(a_file, that_is_compared_settles_only_when_it_differs) {
  write("a.so", 1);
  settles.known("a.so");
  settles.compare("a.so", t0);
  EXPECT_FALSE(settles.busy());
  write("a.so", 2);
  settles.compare("a.so", t0);
  EXPECT_THAT(settles.settled(t0 + 200ms), ElementsAre("a.so"));
}

TEST_F(a_file, that_is_compared_while_it_settles_is_not_held_up) {
  change_and_notice("a.so", 1, t0);
  settles.compare("a.so", t0 + 199ms);
  EXPECT_THAT(settles.settled(t0 + 200ms), ElementsAre("a.so"));
}

TEST_F(a_file, that_is_forgotten_is_not_reported) {
  change_and_notice("a.so", 1, t0);
  settles.forget("a.so");
  EXPECT_FALSE(settles.busy());
  EXPECT_THAT(settles.settled(t0 + 1s), IsEmpty());
}

struct a_burst : files {};

TEST_F(a_burst, is_one_report) {
  for (int i = 0; i < 500; ++i) change_and_notice("file-" + std::to_string(i % 50) + ".so", i, t0 + i * 1ms);
  std::size_t reports = 0;
  std::size_t reported = 0;
  for (auto now = t0 + 500ms; now < t0 + 3s; now += settling::period) {
    const auto some = settles.settled(now);
    if (!some.empty()) ++reports;
    reported += some.size();
  }
  EXPECT_EQ(reports, 1U);
  EXPECT_EQ(reported, 50U);
}

TEST_F(a_burst, waits_a_moment_for_files_that_still_settle) {
  change_and_notice("a.so", 1, t0);
  change_and_notice("b.so", 1, t0 + 150ms);
  EXPECT_THAT(settles.settled(t0 + 200ms), IsEmpty());
  EXPECT_THAT(settles.settled(t0 + 350ms), ElementsAre("a.so", "b.so"));
}

TEST_F(a_burst, holds_back_a_file_that_changes_again_while_others_settle) {
  change_and_notice("a.so", 1, t0);
  change_and_notice("b.so", 1, t0 + 100ms);
  EXPECT_THAT(settles.settled(t0 + 200ms), IsEmpty());
  write("a.so", 2);
  settles.compare("a.so", t0 + 250ms);
  EXPECT_THAT(settles.settled(t0 + 300ms), IsEmpty());
  EXPECT_THAT(settles.settled(t0 + 450ms), ElementsAre("a.so", "b.so"));
}

TEST_F(a_burst, keeps_a_file_that_is_noticed_again_without_a_change) {
  change_and_notice("a.so", 1, t0);
  change_and_notice("b.so", 1, t0 + 100ms);
  EXPECT_THAT(settles.settled(t0 + 200ms), IsEmpty());
  settles.noticed("a.so", t0 + 210ms);
  EXPECT_THAT(settles.settled(t0 + 410ms), ElementsAre("a.so", "b.so"));
}

TEST_F(a_burst, does_not_wait_for_a_file_that_goes_on_changing) {
  change_and_notice("a.so", 1, t0);
  change_and_notice("b.so", 1, t0);
  auto now = t0;
  settling::paths reported;
  for (int i = 0; i < 30 && reported.empty(); ++i) {
    now += 100ms;
    write("b.so", 2 + i);
    reported = settles.settled(now);
  }
  EXPECT_THAT(reported, ElementsAre("a.so"));
  EXPECT_EQ(now, t0 + 1200ms);
  EXPECT_TRUE(settles.busy());
}

}  // namespace
}  // namespace scanhost::reload
