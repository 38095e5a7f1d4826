// SPDX-License-Identifier: Apache-2.0
//
// A file against the plugins that it names.
#include <gmock/gmock.h>

#include "unit/config/loading.hpp"

namespace scanhost::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(resolve, names_the_line_of_a_scanner_whose_plugin_is_missing_and_the_reason) {
  EXPECT_THAT(
      all_problems_of("scanners:\n  sweeper: {}\n  gone: {}\n  x:\n    enabled: false\n    plugin: lost\n",
                      {{"sweeper", example_plugin()}}, {{"gone", "there is no gone.so in /plugins"}}),
      ElementsAre(
          "3: scanner 'gone' needs the plugin 'gone', which cannot be used: there is no gone.so in /plugins",
          "6: scanner 'x' needs the plugin 'lost', which cannot be used: it was not found"));
}

TEST(resolve, reports_the_problems_of_both_steps) {
  EXPECT_THAT(all_problems_of("scanners:\n  sweeper:\n    options: {attemts: 1}\n    drian: true\n"),
              ElementsAre("3: unknown option 'attemts' in scanners.sweeper.options; did you mean 'attempts'?",
                          "4: unknown key 'drian' in scanners.sweeper; did you mean 'drain'?"));
}

TEST(resolve, refuses_a_family_that_nobody_sweeps) {
  EXPECT_THAT(all_problems_of("partitions:\n  flwo: 3\nscanners: {sweeper: {}}\n"),
              ElementsAre("2: no scanner in this file sweeps the family 'flwo'; did you mean 'flow'?"));
}

TEST(resolve, does_not_judge_a_family_that_may_belong_to_a_missing_plugin) {
  EXPECT_THAT(all_problems_of("partitions: {quota: 3}\nscanners: {gone: {}}\n", {}),
              ElementsAre(HasSubstr("'gone'")));
}

TEST(resolve, refuses_a_count_for_a_family_that_has_none) {
  auto plugin = example_plugin();
  plugin.families.push_back({"single", "", 1, "", ""});
  EXPECT_THAT(all_problems_of("partitions: {single: 3}\nscanners: {sweeper: {}}\n", {{"sweeper", plugin}}),
              ElementsAre("1: the number of partitions of 'single' cannot be configured; remove it"));
}

TEST(resolve, refuses_two_plugins_that_describe_one_family_differently) {
  auto other = example_plugin("other");
  other.families[0].default_count = 7;
  EXPECT_THAT(
      all_problems_of("scanners:\n  sweeper: {}\n  other: {}\n",
                      {{"sweeper", example_plugin()}, {"other", other}}),
      ElementsAre(HasSubstr("3: the plugins 'sweeper' and 'other' describe the family 'flow' differently")));
}

TEST(resolve, warns_of_an_option_for_all_that_no_plugin_has) {
  const config::document document("options: {quues: [a]}\nscanners: {sweeper: {}}\n", "f", "/");
  EXPECT_TRUE(document.resolve({{"sweeper", example_plugin()}}, {}));
  EXPECT_THAT(document.warnings(),
              ElementsAre("f:1: no scanner in this file has the option 'quues'; did you mean 'queues'?"));
}

TEST(resolve, keeps_the_order_of_the_file) {
  const auto settings = settings_of("scanners: {sweeper@z: {}, sweeper: {}, sweeper@a: {}}\n");
  EXPECT_EQ(settings.scanners[0].name + settings.scanners[1].name + settings.scanners[2].name,
            "sweeper@zsweepersweeper@a");
}

TEST(resolve, names_a_problem_in_an_option_for_all_once) {
  EXPECT_THAT(all_problems_of("options: {attempts: many}\nscanners: {sweeper: {}, sweeper@b: {}}\n"),
              ElementsAre("1: options.attempts: 'many' is not a whole number in decimal digits"));
}

}  // namespace
}  // namespace scanhost::config
