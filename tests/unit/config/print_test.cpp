// SPDX-License-Identifier: Apache-2.0
//
// Descriptions for people and for scripts.
#include "config/print.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "config/scanner_keys.hpp"
#include "unit/config/loading.hpp"

namespace scanhost::config {
namespace {

using testing::HasSubstr;

TEST(print, describes_a_plugin_for_people) {
  auto plugin = example_plugin();
  plugin.summary = "Sweeps.";
  plugin.function_library = "engine";
  plugin.functions = {"one", "two"};
  plugin.optional_functions = {"three"};
  plugin.offered_extensions = {"scanhost.explain/1", "scanhost.state/1"};
  const auto text = describe_text(plugin);
  EXPECT_THAT(text, HasSubstr("sweeper 1.2.3\nSweeps.\n"));
  EXPECT_THAT(text,
              HasSubstr("family      flow {shard:*}, 256 partitions unless the store has a count in config"));
  EXPECT_THAT(text, HasSubstr("interval    1500ms\n"));
  EXPECT_THAT(text, HasSubstr("functions   one, two of engine\n"));
  EXPECT_THAT(text, HasSubstr("optional    three of engine\n"));
  EXPECT_THAT(text, HasSubstr("offers      scanhost.explain/1, scanhost.state/1\n"));
  EXPECT_THAT(text, HasSubstr("  queues: text list from 1 to 3, default [default, spare]\n      Which.\n"));
  EXPECT_THAT(text, HasSubstr("  grace: duration from 0ms to 1m, default 2s\n"));
}

TEST(print, describes_what_options_need) {
  description plugin;
  plugin.options = {{.name = "urls", .type = option_type::text_list, .minimum = 1, .required = true},
                    {.name = "token", .required = true, .secret = true},
                    {.name = "mode", .type = option_type::choice, .choices = {"auto", "global"}},
                    {.name = "share",
                     .type = option_type::real,
                     .default_value = "0.5",
                     .real_minimum = 0,
                     .real_maximum = 1}};
  const auto text = describe_text(plugin);
  EXPECT_THAT(text, HasSubstr("  urls: text list from 1, required\n"));
  EXPECT_THAT(text, HasSubstr("  token: text, required, secret: written as token_file or token_env\n"));
  EXPECT_THAT(text, HasSubstr("  mode: choice of auto, global, default auto\n"));
  EXPECT_THAT(text, HasSubstr("  share: real from 0 to 1, default 0.5\n"));
  const auto options = nlohmann::json::parse(describe_json(plugin)).at("options");
  EXPECT_EQ(options[0].at("required"), true);
  EXPECT_EQ(options[0].at("default"), nullptr);
  EXPECT_EQ(options[1].at("secret"), true);
  EXPECT_EQ(options[2].at("choices"), (std::vector<std::string>{"auto", "global"}));
  EXPECT_EQ(options[3].at("maximum"), 1.0);
  EXPECT_FALSE(options[2].contains("minimum"));
}

TEST(print, says_when_a_plugin_has_no_options) {
  EXPECT_THAT(describe_text(description{}), HasSubstr("no options\n"));
}

TEST(print, describes_a_plugin_for_scripts) {
  const auto text = describe_json(example_plugin());
  EXPECT_THAT(text, HasSubstr("\"default_interval_ms\": 1500"));
  EXPECT_THAT(text, HasSubstr("\"type\": \"text list\""));
  EXPECT_THAT(text, HasSubstr("\"tag_pattern\": \"{shard:*}\""));
}

TEST(print, writes_every_key_of_a_scanner_but_its_options) {
  scanner_settings scanner;
  scanner.name = "sweeper@a";
  scanner.interval = base::milliseconds(1500);
  const auto object = settings_json(scanner);
  EXPECT_EQ(object.at("name"), "sweeper@a");
  EXPECT_EQ(object.at("interval_ms"), 1500);
  EXPECT_EQ(object.at("budget").at("time_ms"), 5000);
  EXPECT_EQ(object.at("unload"), "normal");
  EXPECT_TRUE(object.at("memory_limit_bytes").is_null());
  EXPECT_TRUE(object.at("log_level").is_null());
  EXPECT_EQ(object.size(), scanner_key_names().size());  // includes the name, but not the options
}

TEST(print, writes_the_log_level_of_a_scanner) {
  scanner_settings scanner;
  scanner.log_level = base::severity::warn;
  EXPECT_EQ(settings_json(scanner).at("log_level"), "warn");
}

TEST(print, says_who_the_members_of_a_family_are) {
  auto plugin = example_plugin();
  const auto text = [&](const family& shown) {
    plugin.families = {shown};
    return describe_text(plugin);
  };
  EXPECT_THAT(text({"main", "{main}"}), HasSubstr("family      main {main}, 1 partition\n"));
  EXPECT_THAT(text({"queue", "{*}", 0, "", "", member_source::option, "queues"}),
              HasSubstr("queue {*}, one partition for each element of the option queues\n"));
  EXPECT_THAT(text({"queue", "{*}", 0, "", "", member_source::key, "all:queues"}),
              HasSubstr("one partition for each member of the set or sorted set all:queues\n"));
  EXPECT_THAT(text({"queue", "{*}", 0, "", "", member_source::plugin}),
              HasSubstr("partitions that the plugin lists in each cycle\n"));
  EXPECT_THAT(describe_json(plugin), HasSubstr("\"members\": \"plugin\""));
}

TEST(print, writes_json_whatever_bytes_a_plugin_uses) {
  auto plugin = example_plugin();
  plugin.summary = std::string(1, static_cast<char>(0xff));
  EXPECT_THAT(describe_json(plugin), HasSubstr("\"summary\": \"\xef\xbf\xbd\""));
}

}  // namespace
}  // namespace scanhost::config
