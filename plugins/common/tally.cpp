// SPDX-License-Identifier: Apache-2.0
//
// Counting and its log lines.
#include "common/tally.hpp"

#include <algorithm>

#include "common/keys.hpp"

namespace ff {
namespace {

// Told once, when an item that failed again and again goes into back-off.
constexpr std::string_view what_to_do = " (mend what it names, or remove its entry from the index)";

}  // namespace

std::string printable(std::string_view text) {
  constexpr std::size_t longest = 200;
  constexpr std::string_view digits = "0123456789abcdef";
  std::string safe;
  for (const char c : text.substr(0, longest)) {
    if (c >= ' ' && c <= '~' && c != '\\') {
      safe += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    safe += "\\x";
    safe += digits[byte >> 4];
    safe += digits[byte & 15];
  }
  if (text.size() > longest) safe += "...";
  return safe;
}

std::string cause(const scanhost::outcome& outcome) {
  const bool wrong_type = outcome.error_code() == "WRONGTYPE";
  return joined(printable(outcome.message()), wrong_type ? " (mend or delete that key)" : "");
}

void tally::failed(std::string_view item, std::string_view what, const scanhost::outcome& outcome) {
  failed(item, joined(what, ": ", printable(outcome.message())));
}

void tally::failed(std::string_view item, std::string_view reason) {
  ++result_.errors;
  failures_.failure(item, joined(reason, what_to_do));
  host_.log(scanhost::log_level::warn, joined("item '", printable(item), "': ", reason));
}

void tally::error(std::string_view what, const scanhost::outcome& outcome) {
  error(joined(what, ": ", cause(outcome)));
}

void tally::error(std::string_view what) {
  ++result_.errors;
  host_.log(scanhost::log_level::warn, what);
}

void tally::waits(scanhost::timestamp due) {
  if (due == scanhost::timestamp{}) return;
  if (!result_.oldest_due || due < *result_.oldest_due) result_.oldest_due = due;
}

void tally::comes(std::optional<scanhost::timestamp> due) {
  if (due && (!result_.next_due || *due < *result_.next_due)) result_.next_due = due;
}

}  // namespace ff
