// SPDX-License-Identifier: Apache-2.0
//
// The demo's command line.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "http.hpp"

namespace scanhost::demo {

struct options {
  std::chrono::milliseconds duration{60'000};
  std::size_t size = 20'000;  // executions
  bool json = false;
  bool keep = false;                  // the temporary directory
  std::filesystem::path host;         // empty: beside this program
  std::filesystem::path plugins;      // empty: where they are built or installed
  std::optional<std::uint64_t> seed;  // none: drawn
  std::optional<endpoint> listen;     // none: a free port, unless no_listen
  bool no_listen = false;
};

// The options, or the exit code with which the program is to end at once (help, a wrong option).
struct parsed_options {
  options requested;
  std::optional<int> exit;
};
parsed_options parse_options(int argc, const char* const* argv);

// 60s, 1m30s, 1500ms, or a bare number of seconds; none: it is none of these.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

}  // namespace scanhost::demo
