// SPDX-License-Identifier: Apache-2.0
#include "metrics/names.hpp"

#include <algorithm>

namespace scanhost::metrics {
namespace {

bool letter(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool digit(char c) noexcept { return c >= '0' && c <= '9'; }

}  // namespace

bool valid_metric_name(std::string_view name) noexcept {
  const auto allowed = [](char c) { return letter(c) || digit(c) || c == ':'; };
  return !name.empty() && !digit(name.front()) && std::all_of(name.begin(), name.end(), allowed);
}

bool valid_label_name(std::string_view name) noexcept {
  const auto allowed = [](char c) { return letter(c) || digit(c); };
  return !name.empty() && !digit(name.front()) && !name.starts_with("__") &&
         std::all_of(name.begin(), name.end(), allowed);
}

std::string escaped_help(std::string_view help) {
  std::string line;
  for (const char c : help) {
    if (c == '\n')
      line += "\\n";
    else if (c == '\\')
      line += "\\\\";
    else
      line += c;
  }
  return line;
}

}  // namespace scanhost::metrics
