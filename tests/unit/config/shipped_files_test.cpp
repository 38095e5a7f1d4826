// SPDX-License-Identifier: Apache-2.0
//
// Every file in config/ is valid, and the full one shows every key.
#include <gmock/gmock.h>

#include <fstream>
#include <iterator>

#include "config/scanner_keys.hpp"
#include "unit/config/loading.hpp"

namespace scanhost::config {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

// The options that the bundled plugins have.
description bundled(const std::string& name) {
  auto plugin = example_plugin(name);
  plugin.options = {{"namespace", option_type::text, "", "", 0, 0},
                    {"instance_tag", option_type::text, "", "", 0, 0},
                    {"lanes", option_type::text_list, "", "default", 0, 0},
                    {"default_retention", option_type::duration, "", "24h", 0, 0},
                    {"preview", option_type::flag, "", "false", 0, 0},
                    {"repair", option_type::flag, "", "false", 0, 0},
                    {"repairs_per_cycle", option_type::integer, "", "100", 1, 1'000'000},
                    {"walk_cycles", option_type::integer, "", "1", 1, 10'000},
                    {"closed_waitpoint_ttl", option_type::duration, "", "0ms", 0, 315'360'000'000},
                    {"delete_leftovers", option_type::flag, "", "false", 0, 0},
                    {"edge_groups", option_type::flag, "", "false", 0, 0},
                    {"look_every", option_type::duration, "", "0ms", 0, 60'000},
                    {"worker_registry", option_type::text, "", "auto", 0, 0},
                    {"skip_unchanged", option_type::flag, "", "false", 0, 0},
                    {"prune", option_type::flag, "", "false", 0, 0}};
  return plugin;
}

std::vector<std::filesystem::path> shipped() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(SCANHOST_CONFIG_FOLDER))
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  return files;
}

TEST(shipped_files, has_no_problem_and_no_warning) {
  ASSERT_THAT(shipped(), testing::SizeIs(testing::Ge(2)));
  for (const auto& file : shipped()) {
    const auto document = load_file(file);
    ASSERT_TRUE(document) << file;
    std::map<std::string, description> plugins;
    for (const auto& name : document->wanted_plugins()) plugins.emplace(name, bundled(name));
    const auto result = document->resolve(plugins, {});
    EXPECT_TRUE(result) << (result ? "" : to_text(result.error()));
    EXPECT_THAT(document->warnings(), IsEmpty()) << file;
  }
}

TEST(shipped_files, shows_every_key_in_the_full_one) {
  std::ifstream stream(std::filesystem::path(SCANHOST_CONFIG_FOLDER) / "scanhost.yaml");
  const std::string text(std::istreambuf_iterator<char>(stream), {});
  for (const char* key : {"url",
                          "username",
                          "password_file",
                          "password_env",
                          "database",
                          "connect_timeout",
                          "command_timeout",
                          "max_in_flight",
                          "partitions",
                          "path",
                          "staging",
                          "watch",
                          "allow_needed",
                          "check_owner",
                          "probation",
                          "error_margin",
                          "crash_limit",
                          "listen",
                          "host_names",
                          "control",
                          "socket"})
    EXPECT_THAT(text, HasSubstr(std::string(key) + ":")) << key;
  for (const char* map : {"", "budget"})
    for (const auto& key : scanner_key_names(map)) EXPECT_THAT(text, HasSubstr(key + ":")) << key;
}

}  // namespace
}  // namespace scanhost::config
