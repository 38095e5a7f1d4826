// SPDX-License-Identifier: Apache-2.0
//
// A message as a log line may hold it, whatever a plugin, an item or a server put into it: keys and ids in
// the store are bytes. What is not UTF-8 becomes U+FFFD, and the line is cut where it is too long. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace scanhost::boot {

inline constexpr std::size_t max_log_message = 8192;  // bytes; what follows is counted and left out

// As the inside of a JSON string.
std::string json_log_text(std::string_view message);

// For a terminal: control characters, which could move its cursor, become '?'; new lines and tabs stay.
std::string human_log_text(std::string_view message);

}  // namespace scanhost::boot
