// SPDX-License-Identifier: Apache-2.0
//
// The items that fail as JSON, for the page and for scripts.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "runner/record/failing_items.hpp"

namespace scanhost::admin {

inline constexpr std::size_t default_max_failures = 100;
inline constexpr std::size_t max_failures = 1000;

// How many items are asked for, from 1 to max_failures; an error says how to write it.
base::result<std::size_t> parse_failure_limit(std::string_view text);

// {"version": 1, "failures": [...], "left_out": 0}. Moments are ms since the epoch, with names that end in
// _ms; what is not known is null. Names and messages are as base::escaped gives them.
std::string failures_json(const runner::failure_list& list);

}  // namespace scanhost::admin
