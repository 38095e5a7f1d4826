// SPDX-License-Identifier: Apache-2.0
//
// A number and its noun, for people: "1 finding", "2 findings".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace scanhost::base {

// For nouns whose plural takes an s.
inline std::string counted(std::uint64_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

}  // namespace scanhost::base
