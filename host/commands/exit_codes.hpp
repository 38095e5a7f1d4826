// SPDX-License-Identifier: Apache-2.0
//
// What the exit codes mean, for --help and scanhost(1).
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace scanhost::commands {

struct exit_meaning {
  std::string_view code;
  std::string_view meaning;
};

inline constexpr std::array exit_meanings{
    exit_meaning{"0", "success"},
    exit_meaning{"1", "the command ran and found something wrong"},
    exit_meaning{"64", "usage"},
    exit_meaning{"65", "bad data"},
    exit_meaning{"66", "a file is missing"},
    exit_meaning{"69", "the store or the host cannot be reached, or the store lacks functions"},
    exit_meaning{"70", "internal error"},
    exit_meaning{"71", "the system refused"},
    exit_meaning{"77", "not permitted"},
    exit_meaning{"78", "configuration"},
    exit_meaning{"86", "a stuck plugin was abandoned at shutdown"},
    exit_meaning{"128+N", "ended by signal N"}};

// "Exit codes: 0 success, 1 ...".
std::string exit_codes_text();

}  // namespace scanhost::commands
