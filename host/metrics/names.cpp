// SPDX-License-Identifier: Apache-2.0
#include "metrics/names.hpp"

#include <algorithm>

namespace scanhost::metrics {
namespace {

bool letter(char one) noexcept {
  return (one >= 'a' && one <= 'z') || (one >= 'A' && one <= 'Z') || one == '_';
}
bool digit(char one) noexcept { return one >= '0' && one <= '9'; }

}  // namespace

bool valid_metric_name(std::string_view name) noexcept {
  const auto allowed = [](char one) { return letter(one) || digit(one) || one == ':'; };
  return !name.empty() && !digit(name.front()) && std::all_of(name.begin(), name.end(), allowed);
}

bool valid_label_name(std::string_view name) noexcept {
  const auto allowed = [](char one) { return letter(one) || digit(one); };
  return !name.empty() && !digit(name.front()) && !name.starts_with("__") &&
         std::all_of(name.begin(), name.end(), allowed);
}

std::string escaped_help(std::string_view help) {
  std::string line;
  for (const char one : help) {
    if (one == '\n')
      line += "\\n";
    else if (one == '\\')
      line += "\\\\";
    else
      line += one;
  }
  return line;
}

}  // namespace scanhost::metrics
