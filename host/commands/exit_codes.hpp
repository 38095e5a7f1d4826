// SPDX-License-Identifier: Apache-2.0
//
// What the exit codes mean, for --help and scanhost(1). README.md has the same table; a test compares them.
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
    exit_meaning{"0", "done"},
    exit_meaning{"1", "it ran and found something wrong (plugin list, functions status, demo)"},
    exit_meaning{"64", "the command line is wrong"},
    exit_meaning{"65", "bad data: a plugin file, a function library"},
    exit_meaning{"66", "a file is missing or unreadable"},
    exit_meaning{
        "69",
        "the store or the running host cannot be reached, the store is in a state that passes, or lacks functions"},
    exit_meaning{"70", "a bug in the host or in a plugin"},
    exit_meaning{"71", "the operating system refused something, or there is no room for all scanners"},
    exit_meaning{"77", "not permitted"},
    exit_meaning{"78", "the configuration is wrong"},
    exit_meaning{"86", "a stuck plugin had to be abandoned at shutdown"},
    exit_meaning{"128+N", "ended by signal N"}};

// "Exit codes: 0 done; 1 ...".
std::string exit_codes_text();

}  // namespace scanhost::commands
