// SPDX-License-Identifier: Apache-2.0
//
// Options of every type against a plugin's table.
#include <gmock/gmock.h>

#include <cstdlib>

#include "support/files.hpp"
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
  EXPECT_THAT(
      faults_of("queues: \"a\\e[2J\\nb\""),
      ElementsAre(
          "4: scanners.sweeper.options.queues: expected a list, found a single value; write ['a\\x1b[2J\\x0ab']"));
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

// --- required and secret options, choices, real numbers

description needy_plugin() {
  auto plugin = example_plugin();
  plugin.options = {
      {.name = "urls",
       .type = option_type::text_list,
       .help = "whom to tell",
       .minimum = 1,
       .required = true},
      {.name = "token", .help = "of the receiver", .minimum = 4, .required = true, .secret = true},
      {.name = "mode", .type = option_type::choice, .choices = {"auto", "global"}},
      {.name = "share", .type = option_type::real, .default_value = "0.5", .real_minimum = 0}};
  return plugin;
}

const tables needy{{"sweeper", needy_plugin()}};
constexpr auto urls_and = "scanners:\n  sweeper:\n    options:\n      urls: [a]\n      ";

class secret_option : public testing::Test {
 protected:
  std::string yaml() const { return std::string(urls_and) + "token_file: " + file.string() + "\n"; }
  void write(const std::string& text) const { test_support::write(file, text + "\n"); }

  test_support::temporary_folder folder;
  std::filesystem::path file = folder.path() / "token";
};

TEST_F(secret_option, is_read_from_its_file_and_is_not_among_the_values) {
  write("hunter2");
  const auto scanner = settings_of(yaml(), needy).scanners.at(0);
  EXPECT_EQ(scanner.secrets.at("token").reveal(), "hunter2");
  EXPECT_FALSE(scanner.options.contains("token"));
}

TEST_F(secret_option, is_read_from_the_environment_too) {
  ::setenv("SCANHOST_TEST_TOKEN", "hunter3", 1);
  const auto text = std::string(urls_and) + "token_env: SCANHOST_TEST_TOKEN\n";
  EXPECT_EQ(settings_of(text, needy).scanners.at(0).secrets.at("token").reveal(), "hunter3");
}

TEST_F(secret_option, may_be_given_for_all_scanners) {
  write("hunter2");
  const auto text =
      "options: {token_file: " + file.string() + "}\nscanners: {sweeper: {options: {urls: [a]}}}\n";
  const document read(text, "test.yaml", "/");
  const auto settings = read.resolve(needy, {});
  ASSERT_TRUE(settings.has_value());
  EXPECT_EQ(settings->scanners.at(0).secrets.at("token").reveal(), "hunter2");
  EXPECT_THAT(lines_of(read.warnings()), testing::Not(testing::Contains(testing::HasSubstr("token_file'"))));
}

TEST_F(secret_option, is_read_once_for_each_document) {
  write("hunter2");
  const document read(yaml(), "test.yaml", "/");
  ASSERT_TRUE(read.resolve(needy, {}).has_value());
  write("hunter3");
  EXPECT_EQ(read.resolve(needy, {})->scanners.at(0).secrets.at("token").reveal(), "hunter2");
}

TEST_F(secret_option, is_never_written_into_the_file_itself) {
  EXPECT_THAT(
      all_problems_of(std::string(urls_and) + "token: hunter2\n", needy),
      ElementsAre(
          "5: scanners.sweeper.options.token: secrets do not belong in this file; use token_file or token_env"));
}

TEST_F(secret_option, is_held_to_its_bounds_without_being_shown) {
  write("abc");
  EXPECT_THAT(all_problems_of(yaml(), needy),
              ElementsAre("5: scanners.sweeper.options.token_file: expected at least 4 bytes, found 3"));
}

TEST_F(secret_option, has_one_source) {
  EXPECT_THAT(
      all_problems_of(yaml() + "      token_env: X\n", needy),
      ElementsAre(
          "6: scanners.sweeper.options.token_file and scanners.sweeper.options.token_env contradict each other (lines 5 and 6); remove one of them"));
}

TEST_F(secret_option, tells_why_its_file_cannot_be_read) {
  EXPECT_THAT(all_problems_of(yaml(), needy),
              ElementsAre("5: scanners.sweeper.options.token_file: cannot read '" + file.string() +
                          "': No such file or directory"));
}

TEST(options, names_a_missing_required_option_at_the_line_of_its_scanner) {
  EXPECT_THAT(
      all_problems_of("scanners:\n  sweeper: {}\n", needy),
      ElementsAre(
          "2: scanner 'sweeper' needs the option 'urls' (whom to tell); set scanners.sweeper.options.urls",
          "2: scanner 'sweeper' needs the option 'token' (of the receiver); set scanners.sweeper.options.token_file or token_env"));
}

TEST(options, does_not_call_a_wrong_value_a_missing_one) {
  EXPECT_THAT(
      all_problems_of("scanners: {sweeper: {options: {urls: [], token_env: SCANHOST_NO_SUCH}}}\n", needy),
      ElementsAre(
          "1: scanners.sweeper.options.urls: expected at least 1 element, found 0",
          "1: scanners.sweeper.options.token_env: the environment variable 'SCANHOST_NO_SUCH' is not set"));
}

TEST_F(secret_option, leaves_choices_and_real_numbers_beside_it_as_they_are) {
  write("hunter2");
  const auto options =
      settings_of(yaml() + "      mode: global\n      share: 1e-3\n", needy).scanners.at(0).options;
  EXPECT_EQ(options.at("mode"), option_value("global"));
  EXPECT_EQ(options.at("share"), option_value(0.001));
  EXPECT_THAT(
      all_problems_of(yaml() + "      mode: globl\n      share: '1'\n", needy),
      ElementsAre(
          "6: scanners.sweeper.options.mode: 'globl' is none of its choices; did you mean 'global'?",
          "7: scanners.sweeper.options.share: expected a number such as 3, 0.5 or -1e-3, found a text; remove the quotes"));
}

TEST(options, locates_what_a_plugin_refuses_where_the_value_stands) {
  const document read(
      "options: {grace: 5s}\nscanners:\n  sweeper:\n    options:\n      attempts: 4\n  other: {}\n",
      "test.yaml", "/");
  const auto at = [&](const std::string& scanner, const std::string& option) {
    const auto problem = read.problem_of(scanner, option, "is no good");
    return std::to_string(problem.line) + ": " + problem.message;
  };
  EXPECT_EQ(at("sweeper", "attempts"), "5: scanners.sweeper.options.attempts: is no good");
  EXPECT_EQ(at("sweeper", "grace"), "1: options.grace, for the scanner 'sweeper': is no good");
  EXPECT_EQ(at("other", "attempts"), "6: scanner 'other': option 'attempts': is no good");
  EXPECT_EQ(at("other", ""), "6: scanner 'other': is no good");
}

TEST(options, of_one_scanner_can_be_read_without_the_plugins_of_the_others) {
  const document read(
      "partitions: {elsewhere: 3}\nscanners: {sweeper: {options: {attempts: 4}}, other: {}}\n", "test.yaml",
      "/");
  const auto scanner = read.resolve_scanner("sweeper", example_plugin());
  ASSERT_TRUE(scanner.has_value()) << to_text(scanner.error());
  EXPECT_EQ(scanner->options.at("attempts"), option_value(std::int64_t{4}));
  EXPECT_EQ(read.plugin_of("other"), "other");
  EXPECT_EQ(read.plugin_of("none"), std::nullopt);
  EXPECT_EQ(to_text(read.resolve_scanner("none", example_plugin()).error()),
            "test.yaml:1: there is no scanner 'none'");
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
