// SPDX-License-Identifier: Apache-2.0
//
// What the scanners share when they say where an item stands.
#pragma once

#include <cstdint>
#include <optional>
#include <scanhost/scanner.hpp>
#include <string>
#include <string_view>

namespace ff {

// The partition of a flow, budget or quota by its id. Everything else that has no hash tag lies in none: the
// first partition says so.
std::uint32_t partition_of_item(std::string_view item, std::uint32_t count) noexcept;

// Why a read failed: the item's record is of another type (malformed), or it could not be read.
scanhost::finding unreadable(std::string_view what, const scanhost::outcome& outcome, std::string index = {});

// A number of milliseconds since the epoch as the score of an entry; nothing for every other text.
std::optional<double> score_of(const scanhost::reply& text) noexcept;

// The first whole millisecond at which an entry with this score is due.
scanhost::timestamp due_at(double score) noexcept;

// "the execution is runnable, not_applicable", "there is no such execution", or that it cannot be read. Of an
// execution of the scan's partition.
scanhost::task<std::string> read_state(scanhost::scan_context& scan, const std::string& id);

// A finding of which nothing but these is known.
scanhost::finding found(scanhost::standing where, std::string reason, std::string index = {});

}  // namespace ff
