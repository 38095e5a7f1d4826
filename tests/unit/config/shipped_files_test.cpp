// SPDX-License-Identifier: Apache-2.0
//
// The full file in config/ shows every key. That the files are valid, smoke.host shows with the bundled
// plugins.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "config/scanner_keys.hpp"

namespace scanhost::config {
namespace {

using testing::HasSubstr;

TEST(shipped_files, shows_every_key_in_the_full_one) {
  std::ifstream stream(std::filesystem::path(SCANHOST_CONFIG_FOLDER) / "scanhost.yaml");
  const std::string text(std::istreambuf_iterator<char>(stream), {});
  for (const char* key : {"url",
                          "mode",
                          "addresses",
                          "sentinel",
                          "primary",
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
                          "socket",
                          "read_token_file",
                          "operator_token_file",
                          "peers"})
    EXPECT_THAT(text, HasSubstr(std::string(key) + ":")) << key;
  for (const char* map : {"", "budget"})
    for (const auto& key : scanner_key_names(map)) EXPECT_THAT(text, HasSubstr(key + ":")) << key;
}

}  // namespace
}  // namespace scanhost::config
