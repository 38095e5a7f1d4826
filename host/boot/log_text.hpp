// SPDX-License-Identifier: Apache-2.0
//
// A message and its fields as a log line may hold them, whatever a plugin, an item or a server put into them:
// keys and ids in the store are bytes. What is not UTF-8 becomes U+FFFD, and what is too long is cut. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/log.hpp"

namespace scanhost::boot {

inline constexpr std::size_t max_log_message = 8192;  // bytes; what follows is counted and left out

inline constexpr std::size_t max_log_fields = 32;         // of one line; the others are counted and left out
inline constexpr std::size_t max_log_field_name = 64;     // bytes
inline constexpr std::size_t max_log_field_value = 1024;  // bytes

// As the inside of a JSON string.
std::string json_log_text(std::string_view message);

// For a terminal: control characters, which could move its cursor, become '?'; new lines and tabs stay.
std::string human_log_text(std::string_view message);

// What follows the member `message` of a JSON line:
// `,"event":"plugin_message","scanner":"carts","queue":"mail","length":1500`. Nothing for a line without an
// event that is no scanner's.
//
// A value that is a whole or decimal number in its shortest form with up to 15 digits, true or false is a
// number or a boolean, everything else a string. In a name what is not [a-zA-Z0-9_] becomes '_'. A name that
// the host itself has a member for (time, level, thread, message, event, scanner, fields_left_out), or that
// stands in the line already, gets a '_' behind it.
// A member of the host's that a plugin's field has the name of is left out.
std::string json_log_context(const base::line_context& line);

// What follows the message for people: ` queue=mail state="has left"`.
std::string human_log_context(const base::line_context& line);

}  // namespace scanhost::boot
