// SPDX-License-Identifier: Apache-2.0
#include "commands/given_options.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/files.hpp"

namespace scanhost::commands {
namespace {

using config::option_type;
using config::option_value;

config::description plugin() {
  config::description plugin;
  plugin.name = "sweeper";
  plugin.options = {{.name = "queues", .type = option_type::text_list, .minimum = 1},
                    {.name = "grace", .type = option_type::duration, .maximum = 60'000},
                    {.name = "token", .minimum = 4, .secret = true}};
  return plugin;
}

std::string refusal(const std::vector<std::string>& texts) {
  const auto given = parse_options(plugin(), texts);
  return given ? "none" : given.error().message;
}

TEST(given_options, are_typed_as_the_table_says) {
  const auto given = parse_options(plugin(), {"grace=1.5s"});
  ASSERT_TRUE(given.has_value()) << given.error().message;
  EXPECT_EQ(given->values, (config::option_values{{"grace", std::int64_t{1500}}}));
}

TEST(given_options, add_an_element_to_a_list_each) {
  const auto given = parse_options(plugin(), {"queues=a", "queues=b, c=d"});
  ASSERT_TRUE(given.has_value());
  EXPECT_EQ(given->values.at("queues"), option_value(std::vector<std::string>{"a", "b, c=d"}));
}

TEST(given_options, read_a_secret_from_its_file) {
  const test_support::temporary_folder folder;
  test_support::write(folder / "token", "hunter2\n");
  const auto given = parse_options(plugin(), {"token_file=" + (folder / "token").string()});
  ASSERT_TRUE(given.has_value()) << given.error().message;
  EXPECT_EQ(given->values.at("token"), option_value("hunter2"));
  EXPECT_EQ(given->secrets.at(0).reveal(), "hunter2");
}

TEST(given_options, say_what_is_wrong_and_what_to_write) {
  EXPECT_EQ(refusal({"grace"}), "--option 'grace': expected NAME=VALUE");
  EXPECT_EQ(refusal({"gracee=1s"}), "--option gracee: the plugin has no such option; did you mean 'grace'?");
  EXPECT_EQ(
      refusal({"xyzzy=1"}),
      "--option xyzzy: the plugin has no such option; the options of sweeper are queues, grace, token_file, token_env");
  EXPECT_EQ(refusal({"grace=2m"}), "--option grace: '2m' is out of range; the maximum is 1m");
  EXPECT_EQ(refusal({"grace=1s", "grace=2s"}),
            "--option grace: is given twice; only a list takes more values");
}

TEST(given_options, keep_secrets_off_the_command_line) {
  EXPECT_EQ(
      refusal({"token=hunter2"}),
      "--option token: secrets do not belong on a command line; use token_file=FILE or token_env=VARIABLE");
}

}  // namespace
}  // namespace scanhost::commands
