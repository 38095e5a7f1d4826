// SPDX-License-Identifier: Apache-2.0
#include "common/tally.hpp"

#include <algorithm>

#include "common/keys.hpp"

namespace ff {
namespace {

// Reported once, when an item that failed again and again goes into back-off.
constexpr std::string_view what_to_do = " (fix what it names, or remove its entry from the index)";

}  // namespace

std::string printable(std::string_view text) {
  constexpr std::size_t max_size = 200;
  constexpr std::string_view digits = "0123456789abcdef";
  std::string safe;
  for (const char c : text.substr(0, max_size)) {
    if (c >= ' ' && c <= '~' && c != '\\') {
      safe += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    safe += "\\x";
    safe += digits[byte >> 4];
    safe += digits[byte & 15];
  }
  if (text.size() > max_size) safe += "...";
  return safe;
}

std::string cause(const scanhost::outcome& outcome) {
  const bool wrong_type = outcome.error_code() == "WRONGTYPE";
  return joined(printable(outcome.message()), wrong_type ? " (fix or delete that key)" : "");
}

void tally::add_failure(std::string_view item, std::string_view what, const scanhost::outcome& outcome) {
  add_failure(item, joined(what, ": ", printable(outcome.message())));
}

void tally::add_failure(std::string_view item, std::string_view reason) {
  ++result_.errors;
  failures_.failure(scan_, item, joined(reason, what_to_do));
  host_.log(scanhost::log_level::warn, joined("item '", printable(item), "': ", reason));
}

void tally::add_error(std::string_view what, const scanhost::outcome& outcome) {
  add_error(joined(what, ": ", cause(outcome)));
}

void tally::add_error(std::string_view what) {
  ++result_.errors;
  host_.log(scanhost::log_level::warn, what);
}

void tally::note_waiting(scanhost::timestamp due) {
  if (due == scanhost::timestamp{}) return;
  if (!result_.oldest_due || due < *result_.oldest_due) result_.oldest_due = due;
}

void tally::note_next_due(std::optional<scanhost::timestamp> due) {
  if (due && (!result_.next_due || *due < *result_.next_due)) result_.next_due = due;
}

}  // namespace ff
