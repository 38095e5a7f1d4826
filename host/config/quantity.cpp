// SPDX-License-Identifier: Apache-2.0
#include "config/quantity.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/utf8.hpp"
#include "scanhost/detail/quantity.hpp"

namespace scanhost::config {
namespace {

using detail::parsed_quantity;
using detail::quantity_error;

struct wording {
  std::string_view not_a_number;
  std::string_view unknown_unit;
};

constexpr wording integer_words{"is not a whole number in decimal digits", {}};
constexpr wording duration_words{"is not a duration; write one such as 1500ms, 2s, 5m, 1h or 7d",
                                 "has an unknown unit; the units are ms, s, m, h and d"};
constexpr wording size_words{"is not a size; write one such as 512, 64KiB, 1MiB or 1MB",
                             "has an unknown unit; the units are B, kB, MB, GB, KiB, MiB and GiB"};

constexpr wording latency_words{"is not a latency; write one such as 300us, 2ms or 1s",
                                "has an unknown unit; the units are us, ms and s"};

// Ascending.
constexpr detail::unit latency_units[] = {{"us", 1}, {"ms", 1000}, {"s", 1'000'000}};

std::string without_unit(std::string_view text) {
  const auto quoted = in_quotes(text);
  const auto number = quoted.substr(1, quoted.size() - 2);
  return fmt::format("{} has no unit; write {}ms, or {}s if it means seconds", quoted, number, number);
}

quantity checked(parsed_quantity parsed, std::string_view text, const wording& words) {
  switch (parsed.error) {
    case quantity_error::none:
      return parsed.value;
    case quantity_error::no_unit:
      return without_unit(text);
    case quantity_error::unknown_unit:
      return fmt::format("{} {}", in_quotes(text), words.unknown_unit);
    case quantity_error::too_large:
      return fmt::format("{} is too large", in_quotes(text));
    case quantity_error::too_fine:
      return fmt::format("{} has more decimal places than can be kept", in_quotes(text));
    case quantity_error::not_a_number:
      break;
  }
  return fmt::format("{} {}", in_quotes(text), words.not_a_number);
}

bool is_plain(std::string_view text) {
  constexpr std::string_view besides = "_-./@";
  return !text.empty() && text.size() <= 60 && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           besides.find(c) != std::string_view::npos;
  });
}

}  // namespace

quantity parse_integer(std::string_view text) {
  return checked(detail::parse_integer(text), text, integer_words);
}

quantity parse_duration(std::string_view text) {
  return checked(detail::parse_duration(text), text, duration_words);
}

quantity parse_latency(std::string_view text) {
  return checked(detail::parse_with_unit(text, latency_units), text, latency_words);
}

quantity parse_size(std::string_view text) { return checked(detail::parse_size(text), text, size_words); }

real parse_real(std::string_view text) {
  const auto parsed = detail::parse_real(text);
  if (parsed) return parsed.value;
  return fmt::format("{} {}", in_quotes(text),
                     parsed.error == quantity_error::too_large ? "is too large or too small"
                                                               : "is not a number such as 3, 0.5 or -1e-3");
}

std::string format_duration(base::milliseconds duration) { return detail::format_duration(duration.count()); }

std::string format_latency(std::chrono::microseconds latency) {
  return detail::format_quantity(latency.count(), latency_units);
}

std::string format_size(std::int64_t bytes) { return detail::format_size(bytes); }

std::string format_real(double number) { return fmt::format("{}", number); }

std::string in_quotes(std::string_view text) {
  constexpr std::size_t max_shown = 60;
  std::string shown = "'";
  for (std::size_t at = 0; at < text.size();) {
    if (shown.size() > max_shown) return shown + "...'";
    const auto length = base::utf8_character(text.substr(at));
    const auto byte = static_cast<unsigned char>(text[at]);
    if (length == 0 || byte < 0x20 || byte == 0x7f) {
      shown += fmt::format("\\x{:02x}", byte);
      ++at;
    } else {
      shown += text.substr(at, length);
      at += length;
    }
  }
  return shown + "'";
}

std::string as_in_yaml(std::string_view text) { return is_plain(text) ? std::string(text) : in_quotes(text); }

}  // namespace scanhost::config
