// SPDX-License-Identifier: Apache-2.0
//
// When a build counts as one that ran well, and which builds are kept.
#include "reload/good_builds.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plugin/staged_file.hpp"
#include "support/files.hpp"

namespace scanhost::reload {
namespace {

namespace fs = std::filesystem;
using test_support::contents;
using test_support::temporary_folder;
using testing::ElementsAre;
using testing::IsEmpty;

class good : public testing::Test {
 protected:
  good_builds builds(const std::string& config = "/etc/scanhost.yaml") {
    return {place_.path(), config, [this](const std::string& warning) { warnings_.push_back(warning); }};
  }

  // A plan with a staged build of these bytes.
  plan::scanner_plan plan(const std::string& bytes, const std::string& scanner = "sweep") {
    test_support::write(folder_ / "source", bytes);
    const auto source = std::move(plugin::open_plugin_file(folder_ / "source")).value();
    auto copy = std::move(plugin::staged_file::copy(source.get(), folder_.path(), "sweep", "sweep")).value();
    plan::scanner_plan plan;
    plan.settings.name = scanner;
    plan.settings.plugin = "sweep";
    plan.plugin.sha256 = copy->sha256();
    plan.plugin.copy = std::move(copy);
    return plan;
  }

  std::vector<std::string> kept(const good_builds& builds, const std::string& scanner = "sweep") {
    std::vector<std::string> bytes;
    for (const auto& build : builds.find(scanner).value()) bytes.push_back(contents(builds.file_of(build)));
    return bytes;
  }

  temporary_folder place_;
  temporary_folder folder_;
  std::vector<std::string> warnings_;
};

TEST_F(good, builds_of_a_scanner_are_kept_as_copies_the_newest_first) {
  auto store = builds();
  for (const auto* bytes : {"one", "two"}) ASSERT_TRUE(store.keep(plan(bytes)));
  EXPECT_THAT(kept(builds()), ElementsAre("two", "one"));
}

TEST_F(good, builds_are_two_at_most_and_the_copies_of_others_go) {
  auto store = builds();
  for (const auto* bytes : {"one", "two", "three"}) ASSERT_TRUE(store.keep(plan(bytes)));
  EXPECT_THAT(kept(store), ElementsAre("three", "two"));
  EXPECT_EQ(std::distance(fs::directory_iterator(place_ / "good"), fs::directory_iterator()), 2);
}

TEST_F(good, builds_that_are_kept_again_come_first_and_keep_their_time) {
  auto store = builds();
  for (const auto* bytes : {"one", "two"}) ASSERT_TRUE(store.keep(plan(bytes)));
  const auto since = store.find("sweep").value().back().since;
  ASSERT_TRUE(store.keep(plan("one")));
  EXPECT_THAT(kept(store), ElementsAre("one", "two"));
  EXPECT_EQ(store.find("sweep").value().front().since, since);
}

TEST_F(good, builds_belong_to_a_scanner_of_a_configuration_file) {
  auto store = builds();
  ASSERT_TRUE(store.keep(plan("one")));
  EXPECT_THAT(kept(store, "sweep@other"), IsEmpty());
  EXPECT_THAT(kept(builds("/etc/another.yaml")), IsEmpty());
}

TEST_F(good, builds_of_other_hosts_stay_when_one_keeps_its_own) {
  auto store = builds();
  auto other = builds("/etc/another.yaml");
  ASSERT_TRUE(store.keep(plan("one")));
  ASSERT_TRUE(other.keep(plan("two")));
  EXPECT_THAT(kept(store), ElementsAre("one"));
  EXPECT_THAT(kept(other), ElementsAre("two"));
}

TEST_F(good, builds_in_a_damaged_file_are_forgotten_with_a_warning) {
  auto store = builds();
  ASSERT_TRUE(store.keep(plan("one")));
  test_support::write(place_ / "good.json", "{");
  EXPECT_THAT(kept(store), IsEmpty());
  EXPECT_THAT(warnings_, ElementsAre(testing::HasSubstr("good.json: cannot be parsed")));
  ASSERT_TRUE(store.keep(plan("two")));
  EXPECT_THAT(kept(store), ElementsAre("two"));
}

runner::scanner_status status(std::uint64_t cycles, const std::string& sha256 = "aaaa") {
  runner::scanner_status status;
  status.name = "sweep";
  status.sha256 = sha256;
  status.cycles = cycles;
  return status;
}

TEST(run_watch, finds_a_build_good_once_after_its_cycles) {
  run_watch watch;
  EXPECT_FALSE(watch.has_run_well(status(10), 3));
  EXPECT_FALSE(watch.has_run_well(status(12), 3));
  EXPECT_TRUE(watch.has_run_well(status(13), 3));
  EXPECT_FALSE(watch.has_run_well(status(14), 3));
  EXPECT_TRUE(watch.is_known(status(14)));
}

TEST(run_watch, counts_anew_for_another_build) {
  run_watch watch;
  watch.has_run_well(status(10), 3);
  EXPECT_FALSE(watch.has_run_well(status(13, "bbbb"), 3));
  EXPECT_FALSE(watch.is_known(status(13, "bbbb")));
  EXPECT_TRUE(watch.has_run_well(status(16, "bbbb"), 3));
}

TEST(run_watch, counts_anew_after_a_restart) {
  run_watch watch;
  watch.has_run_well(status(10), 3);
  auto restarted = status(13);
  restarted.restarts = 1;
  EXPECT_FALSE(watch.has_run_well(restarted, 3));
  restarted.cycles = 16;
  EXPECT_TRUE(watch.has_run_well(restarted, 3));
}

TEST(run_watch, waits_for_the_end_of_the_probation) {
  run_watch watch;
  watch.has_run_well(status(10), 3);
  auto trial = status(20);
  trial.on_probation = true;
  EXPECT_FALSE(watch.has_run_well(trial, 3));
  trial.on_probation = false;
  EXPECT_TRUE(watch.has_run_well(trial, 3));
}

TEST(run_watch, does_not_praise_a_build_that_is_not_started) {
  run_watch watch;
  auto held = status(0);
  held.blocked = true;
  EXPECT_FALSE(watch.has_run_well(held, 0));
}

}  // namespace
}  // namespace scanhost::reload
