// SPDX-License-Identifier: Apache-2.0
//
// Options of every type against a plugin's table.
#include <gmock/gmock.h>

#include "unit/config/loading.hpp"

namespace scanhost::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using list = std::vector<std::string>;

option_values options_of(const std::string& text) { return settings_of(text).scanners.at(0).options; }

std::vector<std::string> faults_of(const std::string& options) {
  return all_problems_of("scanners:\n  sweeper:\n    options:\n      " + options + "\n");
}

TEST(options, fills_in_the_defaults_of_the_table) {
  const auto options = options_of("scanners: {sweeper: {}}\n");
  EXPECT_EQ(options.at("namespace"), option_value(""));
  EXPECT_EQ(options.at("queues"), option_value(list{"default", "spare"}));
  EXPECT_EQ(options.at("attempts"), option_value(std::int64_t{3}));
  EXPECT_EQ(options.at("grace"), option_value(std::int64_t{2000}));
  EXPECT_EQ(options.at("chunk"), option_value(std::int64_t{65'536}));
  EXPECT_EQ(options.at("strict"), option_value(std::int64_t{1}));
}

TEST(options, reads_every_type) {
  const auto options = options_of(
      "scanners: {sweeper: {options: {namespace: acme, queues: [a, \"\"], attempts: 5, grace: 1.5s, chunk: 1kB, strict: false}}}\n");
  EXPECT_EQ(options.at("namespace"), option_value("acme"));
  EXPECT_EQ(options.at("queues"), option_value(list{"a", ""}));
  EXPECT_EQ(options.at("attempts"), option_value(std::int64_t{5}));
  EXPECT_EQ(options.at("grace"), option_value(std::int64_t{1500}));
  EXPECT_EQ(options.at("chunk"), option_value(std::int64_t{1000}));
  EXPECT_EQ(options.at("strict"), option_value(std::int64_t{0}));
}

TEST(options, puts_a_scanners_own_before_those_for_all_before_the_default) {
  const std::string text =
      "options: {attempts: 7, grace: 5s}\nscanners: {sweeper: {options: {attempts: 8}}}\n";
  const auto options = options_of(text);
  EXPECT_EQ(options.at("attempts"), option_value(std::int64_t{8}));
  EXPECT_EQ(options.at("grace"), option_value(std::int64_t{5000}));
  EXPECT_EQ(options.at("strict"), option_value(std::int64_t{1}));
}

TEST(options, keeps_a_plain_number_as_the_text_that_it_is) {
  EXPECT_EQ(options_of("scanners: {sweeper: {options: {namespace: 007}}}\n").at("namespace"),
            option_value("007"));
}

TEST(options, refuses_wrong_types_with_the_line) {
  EXPECT_THAT(
      faults_of("queues: one"),
      ElementsAre("4: scanners.sweeper.options.queues: expected a list, found a single value; write [one]"));
  EXPECT_THAT(faults_of("namespace: [a]"),
              ElementsAre("4: scanners.sweeper.options.namespace: expected a text, found a list"));
  EXPECT_THAT(faults_of("queues: [a, [b]]"),
              ElementsAre("4: scanners.sweeper.options.queues[1]: expected a text, found a list"));
  EXPECT_THAT(
      faults_of("grace: 5"),
      ElementsAre(
          "4: scanners.sweeper.options.grace: '5' has no unit; write 5ms, or 5s if it means seconds"));
  EXPECT_THAT(
      faults_of("strict: 1"),
      ElementsAre("4: scanners.sweeper.options.strict: expected true or false without quotes, found '1'"));
  EXPECT_THAT(faults_of("namespace:"),
              ElementsAre("4: scanners.sweeper.options.namespace: expected a text, found nothing"));
}

TEST(options, holds_values_to_the_bounds_of_the_table) {
  EXPECT_THAT(
      faults_of("attempts: 101"),
      ElementsAre("4: scanners.sweeper.options.attempts: '101' is out of range; the range is 1 to 100"));
  EXPECT_THAT(faults_of("grace: 2m"),
              ElementsAre("4: scanners.sweeper.options.grace: '2m' is out of range; the range is 0ms to 1m"));
  EXPECT_THAT(
      faults_of("chunk: 2MiB"),
      ElementsAre("4: scanners.sweeper.options.chunk: '2MiB' is out of range; the range is 1 to 1MiB"));
  EXPECT_THAT(faults_of("queues: []"),
              ElementsAre("4: scanners.sweeper.options.queues: expected 1 to 3 elements, found 0"));
  EXPECT_THAT(faults_of("namespace: longer-than-ten"),
              ElementsAre("4: scanners.sweeper.options.namespace: expected 0 to 10 bytes, found 15"));
  EXPECT_THAT(faults_of("attempts: 100"), IsEmpty());
}

TEST(options, lists_the_plugins_options_when_none_is_near) {
  EXPECT_THAT(
      faults_of("colour: red"),
      ElementsAre(
          "4: unknown option 'colour' in scanners.sweeper.options; the options of sweeper are namespace, queues, attempts, grace, chunk, strict"));
}

TEST(options, checks_an_overridden_option_for_all_too) {
  EXPECT_THAT(all_problems_of("options: {attempts: x}\nscanners: {sweeper: {options: {attempts: 1}}}\n"),
              ElementsAre("1: options.attempts: 'x' is not a whole number in decimal digits"));
}

}  // namespace
}  // namespace scanhost::config
