// SPDX-License-Identifier: Apache-2.0
//
// scanhost(1), made from the commands. Pure.
#pragma once

#include <string>
#include <string_view>

#include "commands/command_tree.hpp"

namespace scanhost::commands {

// The source of the page, for man(1).
std::string to_manual_page(const command_entry& program, std::string_view version);

}  // namespace scanhost::commands
