// SPDX-License-Identifier: Apache-2.0
//
// Values of a host's status as `ctl status` shows them, each on one line. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace scanhost::commands::shown {

// Texts come from plugins and servers: nothing in them may move the terminal's cursor or break a row. Lines
// are joined by semicolons.
std::string on_a_line(std::string_view several_lines);
std::string text(const nlohmann::json& string);

// Its length on a terminal, in characters.
std::size_t width(std::string_view text);
// At most `max_width` characters, the last of which are dots where some are left out.
std::string shorten(std::string_view text, std::size_t max_width);

base::timestamp timestamp_of(const nlohmann::json& ms);
std::string moment(const nlohmann::json& ms);  // "2026-11-28T20:15:00Z"; null: "-"
std::string span(base::milliseconds span);     // "350ms", "42s", "12m5s", "3h12m", "2d4h"
std::string span_or_dash(const nlohmann::json& ms);
std::string count(const nlohmann::json& value);   // "12"; null: "-"
std::string short_count(std::uint64_t value);     // at most six characters: "123456", "1.2M", "999M"
std::string rate(double per_second);              // "0/s", "0.3/s", "12/s", "1234/s", "25k/s"
std::string size(const nlohmann::json& bytes);    // null: "-"
std::string build(const nlohmann::json& sha256);  // its first digits; empty: "-"

// How urgent a state is.
enum class urgency { fine, noticed, trouble };
struct state_word {
  std::string text;  // at most twelve characters: "waiting", "paused", "no functions"
  urgency level = urgency::fine;
};
state_word state(const nlohmann::json& scanner);

// A text in the colour of an urgency, if `colors`.
std::string painted(const std::string& text, urgency level, bool colors);

}  // namespace scanhost::commands::shown
