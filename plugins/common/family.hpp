// SPDX-License-Identifier: Apache-2.0
//
// The three families of partitions, and what all descriptions of the bundled scanners have in common.
#pragma once

#include <chrono>
#include <cstdint>
#include <scanhost/scanner.hpp>
#include <string>
#include <vector>

namespace ff {

scanhost::family flow_family();
scanhost::family budget_family();
scanhost::family quota_family();

// Options that several scanners have; `ignored` ones are accepted for uniformity and have no effect.
std::vector<scanhost::option> filter_options();
std::vector<scanhost::option> ignored_filter_options();

// A description with name, summary, defaults and all that is the same for every bundled scanner.
scanhost::description described(std::string name, std::string summary, std::chrono::milliseconds interval,
                                std::uint32_t page_size, scanhost::family swept);

// Adds options at the end of a description's table.
void add_options(scanhost::description& target, std::vector<scanhost::option> options);

// The functions it calls, of the engine's library.
void need_functions(scanhost::description& target, std::vector<std::string> functions);

}  // namespace ff
