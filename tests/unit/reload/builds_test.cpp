// SPDX-License-Identifier: Apache-2.0
#include "reload/builds.hpp"

#include <gtest/gtest.h>

namespace scanhost::reload {
namespace {

const std::string pinned_hash(64, 'a');
const std::string other_hash(64, 'b');

plan::scanner_plan plan_with(const std::string& hash) {
  plan::scanner_plan result;
  result.settings.name = "sweeper";
  result.settings.plugin = "sweeper";
  result.plugin.file = "/plugins/sweeper.so";
  result.plugin.sha256 = hash;
  result.plugin.description.options = {{.name = "lanes", .type = config::option_type::text_list}};
  return result;
}

TEST(objection, is_none_to_any_build_without_a_pin_or_a_block) {
  EXPECT_FALSE(objection(plan_with(pinned_hash), std::nullopt));
}

TEST(objection, names_both_hashes_when_a_pin_wants_another_build) {
  auto pinned = plan_with(pinned_hash);
  pinned.settings.sha256 = other_hash;
  const auto against = objection(pinned, std::nullopt);
  ASSERT_TRUE(against);
  EXPECT_NE(against->find(pinned_hash), std::string::npos);
  EXPECT_NE(against->find(other_hash), std::string::npos);
  pinned.settings.sha256 = pinned_hash;
  EXPECT_FALSE(objection(pinned, std::nullopt));
}

TEST(objection, says_why_a_build_is_blocked_and_how_to_release_it) {
  const auto against =
      objection(plan_with(pinned_hash), blocked_build{pinned_hash, "sweeper", "sweeper", "it errs", {}});
  ASSERT_TRUE(against);
  EXPECT_NE(against->find("it errs"), std::string::npos);
  EXPECT_NE(against->find("ctl release aaaaaaaaaaaa"), std::string::npos);
}

TEST(with_build_of, takes_the_build_and_keeps_what_is_wanted) {
  auto desired = plan_with(other_hash);
  desired.settings.interval = base::milliseconds(7);
  const auto result = with_build_of(desired, plan_with(pinned_hash));
  EXPECT_EQ(result.plugin.sha256, pinned_hash);
  EXPECT_EQ(result.settings.interval, base::milliseconds(7));
}

TEST(with_build_of, keeps_the_former_settings_too_where_the_options_are_others) {
  auto desired = plan_with(other_hash);
  desired.settings.interval = base::milliseconds(7);
  desired.plugin.description.options.push_back({.name = "more", .type = config::option_type::flag});
  const auto result = with_build_of(desired, plan_with(pinned_hash));
  EXPECT_EQ(result.plugin.sha256, pinned_hash);
  EXPECT_EQ(result.settings.interval, base::milliseconds(0));
}

TEST(with_build_of, keeps_the_former_settings_where_an_option_takes_other_values) {
  auto desired = plan_with(other_hash);
  desired.settings.interval = base::milliseconds(7);
  desired.plugin.description.options.front().required = true;
  EXPECT_EQ(with_build_of(desired, plan_with(pinned_hash)).settings.interval, base::milliseconds(0));
}

TEST(with_build_of, does_not_mind_another_help_or_default) {
  auto desired = plan_with(other_hash);
  desired.settings.interval = base::milliseconds(7);
  desired.plugin.description.options.front().help = "other words";
  desired.plugin.description.options.front().default_values = {"gpu"};
  EXPECT_EQ(with_build_of(desired, plan_with(pinned_hash)).settings.interval, base::milliseconds(7));
}

}  // namespace
}  // namespace scanhost::reload
