// SPDX-License-Identifier: Apache-2.0
//
// The demo's command line.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace scanhost::demo {

struct options {
  std::chrono::milliseconds duration{60'000};
  std::size_t size = 20'000;  // executions
  bool json = false;
  bool keep = false;                  // the temporary directory
  std::filesystem::path host;         // empty: beside this program
  std::filesystem::path plugins;      // empty: where they are built or installed
  std::optional<std::uint64_t> seed;  // none: drawn
  std::string listen;                 // ADDR:PORT, or none; empty: a free port
};

// The options, or the exit code with which the program is to end at once (help, a wrong option).
struct parsed_options {
  options requested;
  std::optional<int> exit;
};
parsed_options parse_options(int argc, const char* const* argv);

}  // namespace scanhost::demo
