// SPDX-License-Identifier: Apache-2.0
#include "plugin/instance_settings.hpp"

#include <gtest/gtest.h>

namespace scanhost::plugin {
namespace {

config::option option(const char* name, config::option_type type) {
  config::option added;
  added.name = name;
  added.type = type;
  return added;
}

TEST(instance_settings, arrive_whole_whatever_their_bytes) {
  instance_settings sent{"sweeper@a", base::milliseconds(1500), 50, {}};
  sent.values = {{"text", std::string("a\0b\xff\n", 5)},
                 {"list", std::vector<std::string>{"", "\xfe", "c, d"}},
                 {"empty", std::vector<std::string>{}},
                 {"small", std::int64_t{-1}},
                 {"large", INT64_MAX},
                 {"least", INT64_MIN},
                 {"whole_real", 3.0},
                 {"real", 0.1}};
  const auto got = decode(encode(sent));
  ASSERT_TRUE(got.has_value());
  EXPECT_EQ(got->scanner, "sweeper@a");
  EXPECT_EQ(got->interval, base::milliseconds(1500));
  EXPECT_EQ(got->page_size, 50U);
  EXPECT_EQ(got->values, sent.values);
}

TEST(instance_settings, refuse_bytes_that_are_not_theirs) {
  EXPECT_FALSE(decode("").has_value());
  EXPECT_FALSE(decode("{\"scanner\": 1}").has_value());
  const auto whole = encode({"sweeper", base::milliseconds(1), 1, {{"a", std::string("b")}}});
  for (std::size_t length = 0; length < whole.size(); ++length)
    EXPECT_FALSE(decode(whole.substr(0, length)).has_value()) << length;
}

TEST(instance_settings, hold_the_secrets_of_a_scanner_beside_its_options) {
  config::scanner_settings scanner;
  scanner.name = "sweeper";
  scanner.options = {{"lanes", std::vector<std::string>{"a"}}};
  scanner.secrets = {{"token", base::secret("hunter2")}};
  EXPECT_EQ(settings_of(scanner).values.at("token"), config::option_value("hunter2"));
  EXPECT_EQ(settings_of(scanner).values.at("lanes"), config::option_value(std::vector<std::string>{"a"}));
}

TEST(instance_settings, give_defaults_to_all_but_required_options) {
  config::description plugin;
  plugin.options = {option("count", config::option_type::integer), option("token", config::option_type::text),
                    option("url", config::option_type::text)};
  plugin.options[1].secret = true;
  plugin.options[2].required = true;
  const auto values = default_settings(plugin).values;
  EXPECT_EQ(values.at("count"), config::option_value(std::int64_t{0}));
  EXPECT_EQ(values.at("token"), config::option_value(std::string()));
  EXPECT_FALSE(values.contains("url"));
}

TEST(instance_settings, know_what_to_take_out_of_messages) {
  config::description plugin;
  plugin.options = {option("token", config::option_type::text), option("name", config::option_type::text)};
  plugin.options[0].secret = true;
  instance_settings settings;
  settings.values = {{"token", std::string("hunter2")}, {"name", std::string("somebody")}};
  EXPECT_EQ(redaction_of(plugin, settings).apply("hunter2 of somebody"), "*** of somebody");
}

}  // namespace
}  // namespace scanhost::plugin
