// SPDX-License-Identifier: Apache-2.0
//
// The table of a scanner's keys and the documents that must list the same keys.
#include "config/scanner_keys.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>
#include <regex>

namespace scanhost::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string text_of_file(const std::string& name) {
  std::ifstream stream(std::filesystem::path(SCANHOST_CONFIG_FOLDER) / name);
  return {std::istreambuf_iterator<char>(stream), {}};
}

// The keys of the first scanner in config/scanhost.yaml, including those that are commented out.
std::vector<std::string> documented_keys() {
  const auto text = text_of_file("scanhost.yaml");
  const auto begin = text.find("\n  lease_expiry:\n");
  const auto scanner = text.substr(begin + 1, text.find("\n  delayed_promoter:", begin) - begin);
  const std::regex key("^    (?:# )?([a-z_0-9]+):(?= |$)", std::regex::multiline);
  std::vector<std::string> keys;
  for (std::sregex_iterator at(scanner.begin(), scanner.end(), key), end; at != end; ++at)
    keys.push_back((*at)[1]);
  return keys;
}

TEST(scanner_keys, are_documented_in_the_full_configuration_in_the_same_order) {
  EXPECT_EQ(documented_keys(), scanner_key_names());
}

TEST(scanner_keys, are_listed_in_the_readme) {
  std::string names;
  for (const auto& name : scanner_key_names()) names += (names.empty() ? "`" : ", `") + name + "`";
  const auto readme = std::regex_replace(text_of_file("../README.md"), std::regex("\n"), " ");
  EXPECT_TRUE(readme.find("A scanner's keys: " + names + ".") != std::string::npos) << names;
}

TEST(scanner_keys, name_the_keys_of_a_map_apart) {
  EXPECT_THAT(scanner_key_names("budget"), ElementsAre("calls", "time", "pages"));
  EXPECT_THAT(scanner_key_names("interval"), IsEmpty());
}

TEST(scanner_keys, find_the_differences_of_two_scanners) {
  scanner_settings before, after;
  EXPECT_THAT(find_differences(before, after), IsEmpty());
  after.enabled = run_condition::functions_exist;
  after.interval = base::milliseconds(1500);
  after.budget.pages = 7;
  after.drain = false;
  after.memory_limit.bytes = 64 << 20;
  after.log_level = base::severity::debug;
  after.unload = unload_policy::never;
  after.dry_run = true;
  after.permissions.key_prefixes = {"a:"};
  after.rate.target_latency = std::chrono::microseconds(2000);
  after.sha256 = "ab";
  after.options["x"] = "y";
  std::vector<std::string> lines;
  for (const auto& difference : find_differences(before, after))
    lines.push_back(std::string(difference.key) + " " + difference.before + " -> " + difference.after);
  EXPECT_THAT(lines, ElementsAre("enabled true -> auto", "interval 0ms -> 1500ms", "dry_run false -> true",
                                 "drain true -> false", "budget.pages 20 -> 7",
                                 "memory_limit (none) -> 64MiB", "log_level (none) -> debug",
                                 "unload normal -> never", "permissions.key_prefixes (none) -> ['a:']",
                                 "rate.target_latency (none) -> 2ms", "sha256 (none) -> ab"));
}

}  // namespace
}  // namespace scanhost::config
