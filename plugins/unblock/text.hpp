// SPDX-License-Identifier: Apache-2.0
//
// Lists in fields: texts separated by commas.
#pragma once

#include <string_view>

namespace ff {

inline std::string_view trimmed(std::string_view text) noexcept {
  constexpr std::string_view blanks = " \t\n\v\f\r";
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

// Calls `each` for every token, empty ones included, until it answers false.
template <class Each>
void for_each_token(std::string_view list, Each each) {
  for (;;) {
    const auto comma = list.find(',');
    if (!each(list.substr(0, comma)) || comma == std::string_view::npos) return;
    list.remove_prefix(comma + 1);
  }
}

}  // namespace ff
