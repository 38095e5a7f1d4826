// SPDX-License-Identifier: Apache-2.0
//
// The server's table of its commands, as COMMAND replies it: the places in an entry, and how a command is
// called there. Pure.
#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>

#include "base/ascii.hpp"

namespace scanhost::store::command_table {

inline constexpr std::size_t name_place = 0;
inline constexpr std::size_t flags_place = 2;
inline constexpr std::size_t specifications_place = 8;  // of its keys
inline constexpr std::size_t subcommands_place = 9;

inline constexpr std::size_t max_name_size = 64;  // longer words are no names of commands

// Appends a word as the table has it: in lower case. A subcommand is "xinfo|stream".
inline void append_name(std::string& name, std::string_view word) {
  std::ranges::transform(word.substr(0, max_name_size), std::back_inserter(name), base::to_lower);
}

}  // namespace scanhost::store::command_table
