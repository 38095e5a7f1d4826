// SPDX-License-Identifier: Apache-2.0
#include "commands/exit_codes.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <iterator>
#include <vector>

namespace scanhost::commands {

std::string exit_codes_text() {
  std::vector<std::string> entries;
  entries.reserve(std::size(exit_meanings));
  for (const auto& [code, meaning] : exit_meanings) entries.push_back(fmt::format("{} {}", code, meaning));
  return fmt::format("Exit codes: {}.", fmt::join(entries, "; "));
}

}  // namespace scanhost::commands
