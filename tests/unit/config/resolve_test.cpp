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

TEST(resolve, lets_two_plugins_describe_families_of_one_name) {
  auto other = example_plugin("other");
  other.families[0].default_count = 7;
  const auto settings =
      settings_of("partitions: {flow: 9}\nscanners:\n  sweeper: {}\n  other: {partitions: 3}\n",
                  {{"sweeper", example_plugin()}, {"other", other}});
  EXPECT_EQ(settings.partitions.at("flow"), 9u);
  EXPECT_TRUE(settings.scanners[0].partitions.empty());
  EXPECT_EQ(settings.scanners[1].partitions.at("flow"), 3u);
}

TEST(resolve, takes_numbers_of_partitions_of_one_scanner_by_family) {
  auto plugin = example_plugin();
  plugin.families.push_back({"quota", "{quota:*}", 4, "", ""});
  const auto settings =
      settings_of("scanners: {sweeper: {partitions: {flow: 3, quota: 5}}}\n", {{"sweeper", plugin}});
  EXPECT_EQ(settings.scanners[0].partitions, (partition_counts{{"flow", 3}, {"quota", 5}}));
}

TEST(resolve, refuses_numbers_of_partitions_that_a_scanner_cannot_have) {
  auto plugin = example_plugin();
  plugin.families = {{"main", "{main}", 0, "", ""}, {"flow", "{f:*}", 2, "", ""}};
  const tables plugins{{"sweeper", plugin}};
  EXPECT_THAT(
      all_problems_of("scanners: {sweeper: {partitions: {flwo: 3}}}\n", plugins),
      ElementsAre("1: scanners.sweeper.partitions: the plugin 'sweeper' has no family 'flwo'; did you mean "
                  "'flow'?"));
  EXPECT_THAT(
      all_problems_of("scanners: {sweeper: {partitions: 3}}\n", plugins),
      ElementsAre("1: scanners.sweeper.partitions: the number of partitions of 'main' cannot be configured; "
                  "remove it"));
  EXPECT_THAT(all_problems_of("scanners: {sweeper: {partitions: many}}\n", plugins),
              ElementsAre(HasSubstr("1: scanners.sweeper.partitions: 'many' is not a whole number")));
  EXPECT_THAT(all_problems_of("scanners: {sweeper: {partitions: {flow: 0}}}\n", plugins),
              ElementsAre(HasSubstr("1: scanners.sweeper.partitions.flow:")));
}

TEST(resolve, counts_for_all_plugins_with_a_family_of_that_name_where_one_of_them_can) {
  auto other = example_plugin("other");
  other.families = {{"flow", "{main}", 0, "", ""}};
  const auto settings = settings_of("partitions: {flow: 9}\nscanners: {other: {}, sweeper: {}}\n",
                                    {{"sweeper", example_plugin()}, {"other", other}});
  EXPECT_EQ(settings.partitions.at("flow"), 9u);
}

TEST(resolve, lists_a_hundred_problems_of_both_steps_together) {
  std::string text = "scanners:\n";
  for (int i = 0; i < 80; ++i) text += "  missing_" + std::to_string(i) + ": {interval: soon}\n";
  const auto problems = all_problems_of(text);
  ASSERT_EQ(problems.size(), 101U);
  EXPECT_THAT(problems.back(), testing::HasSubstr("there are more problems than these"));
}

TEST(resolve, shows_the_control_characters_of_a_familys_name) {
  EXPECT_THAT(all_problems_of("partitions: {\"fl\\now\": 0}\nscanners: {sweeper: {}}\n"),
              ElementsAre("1: partitions.'fl\\x0aow': '0' is out of range; the range is 1 to 65535"));
}

TEST(resolve, names_the_line_of_what_cannot_be_a_member) {
  auto plugin = example_plugin();
  plugin.families = {{"queue", "{*}", 0, "", "", member_source::option, "queues"}};
  EXPECT_THAT(
      all_problems_of("scanners:\n  sweeper:\n    options:\n      queues: [mail, 'a{b', '']\n",
                      {{"sweeper", plugin}}),
      ElementsAre(
          "4: scanners.sweeper.options.queues: the member 'a{b' of the family 'queue' has a brace; remove it",
          "4: scanners.sweeper.options.queues: the member '' of the family 'queue' is empty; remove it"));
}

TEST(resolve, warns_of_an_option_for_all_that_no_plugin_has) {
  const config::document document("options: {quues: [a]}\nscanners: {sweeper: {}}\n", "f", "/");
  EXPECT_TRUE(document.resolve({{"sweeper", example_plugin()}}, {}));
  EXPECT_THAT(lines_of(document.warnings()),
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
