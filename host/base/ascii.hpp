// SPDX-License-Identifier: Apache-2.0
//
// Letters of ASCII, whatever the locale says.
#pragma once

namespace scanhost::base {

constexpr char to_lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace scanhost::base
