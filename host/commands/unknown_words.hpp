// SPDX-License-Identifier: Apache-2.0
//
// Finds the word of a command line that means nothing, so that the error names it. The parser would rather
// complain about what is missing because of it. Pure.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "commands/command_tree.hpp"

namespace scanhost::commands {

// "there is no command 'statsu'; did you mean 'status'?". Nothing: no command and no option is unknown; what
// else may be wrong is left to the parser. `words`: without the program's name.
std::optional<std::string> explain_unknown_word(const command_entry& program,
                                                std::span<const std::string_view> words);

}  // namespace scanhost::commands
