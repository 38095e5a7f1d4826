// SPDX-License-Identifier: Apache-2.0
//
// What an error reply of the server means for the command that got it. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "scanhost/store.h"

namespace scanhost::store {

// The kind of outcome of an error reply (scanhost/store.h), as store/protocol/states judges it.
std::int32_t outcome_of_error(std::string_view text) noexcept;

// The server does not have the function that FCALL named. That is no answer about the item: functions come
// and go with their library, and the same call may work later.
bool is_function_missing(std::string_view text) noexcept;

// The server is a replica, and says so because the command needs the primary.
bool is_from_replica(std::string_view text) noexcept;

// How many commands ended with each kind of outcome; the index is SCANHOST_OUTCOME_*.
inline constexpr std::size_t outcome_kinds = 7;
using outcome_counts = std::array<std::uint64_t, outcome_kinds>;

// The kind as a label of a metric: "reply", "error_reply", ...
std::string_view outcome_name(std::size_t kind) noexcept;

}  // namespace scanhost::store
