// SPDX-License-Identifier: Apache-2.0
//
// Fractions are allowed as long as the value is a whole number of ms or bytes: nothing is rounded.
#include "config/quantity.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <span>

#include "base/utf8.hpp"

namespace scanhost::config {
namespace {

struct unit {
  std::string_view name;
  std::int64_t factor;
};

constexpr unit duration_units[] = {
    {"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};
constexpr unit size_units[] = {{"", 1},
                               {"B", 1},
                               {"kB", 1000},
                               {"MB", 1'000'000},
                               {"GB", 1'000'000'000},
                               {"KiB", std::int64_t{1} << 10},
                               {"MiB", std::int64_t{1} << 20},
                               {"GiB", std::int64_t{1} << 30}};

bool digit(char c) noexcept { return c >= '0' && c <= '9'; }

std::string_view take_digits(std::string_view& text) {
  const auto end = std::find_if_not(text.begin(), text.end(), digit);
  const auto digits = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  text.remove_prefix(digits.size());
  return digits;
}

struct written_number {
  std::string_view whole;
  std::string_view fraction;
  std::string_view unit;
};

// Splits "1.5s"; nothing: it is not a number with something behind it.
std::optional<written_number> split(std::string_view text) {
  written_number parts;
  parts.whole = take_digits(text);
  if (parts.whole.empty()) return {};
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    parts.fraction = take_digits(text);
    if (parts.fraction.empty()) return {};
  }
  parts.unit = text;
  return parts;
}

std::optional<std::int64_t> to_number(std::string_view digits) {
  std::int64_t value = 0;
  if (digits.empty()) return value;
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return problem == std::errc() ? std::optional(value) : std::nullopt;
}

// whole.fraction times the factor; an error when it does not fit or is not whole.
quantity scale(const written_number& parts, const unit& unit, std::string_view text) {
  const auto whole = to_number(parts.whole);
  if (!whole || *whole > std::numeric_limits<std::int64_t>::max() / unit.factor / 2)
    return in_quotes(text) + " is too large";
  auto fraction = parts.fraction;
  while (fraction.ends_with('0')) fraction.remove_suffix(1);
  if (fraction.empty()) return *whole * unit.factor;
  std::int64_t power = 1;
  for (std::size_t digits = 0; digits < fraction.size() && digits < 9; ++digits) power *= 10;
  const auto numerator = fraction.size() > 9 ? std::nullopt : to_number(fraction);
  if (!numerator || *numerator * unit.factor % power != 0)
    return in_quotes(text) + " is finer than can be kept";
  return *whole * unit.factor + *numerator * unit.factor / power;
}

const unit* find(std::span<const unit> units, std::string_view name) {
  const auto found =
      std::find_if(units.begin(), units.end(), [&](const unit& candidate) { return candidate.name == name; });
  return found == units.end() ? nullptr : &*found;
}

std::string format(std::int64_t value, std::span<const unit> units) {
  const unit* best = &units.front();
  for (const auto& candidate : units)
    if (value != 0 && value % candidate.factor == 0 && candidate.factor > best->factor) best = &candidate;
  return std::to_string(value / best->factor) + std::string(best->name);
}

}  // namespace

quantity parse_integer(std::string_view text) {
  const bool minus = text.starts_with('-');
  auto rest = text.substr(minus ? 1 : 0);
  const auto digits = take_digits(rest);
  if (digits.empty() || !rest.empty() || (digits.size() > 1 && digits.starts_with('0')))
    return in_quotes(text) + " is not a whole number in decimal digits";
  std::int64_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc()) return in_quotes(text) + " is too large";
  return value;
}

quantity parse_duration(std::string_view text) {
  const auto parts = split(text);
  if (!parts) return in_quotes(text) + " is not a duration; write one as 1500ms, 2s, 5m, 1h or 7d";
  if (parts->unit.empty()) {
    const auto number = in_quotes(text).substr(1, in_quotes(text).size() - 2);
    return in_quotes(text) + " has no unit; write " + number + "ms, or " + number + "s if it means seconds";
  }
  const auto* unit = find(duration_units, parts->unit);
  if (unit == nullptr) return in_quotes(text) + " has an unknown unit; the units are ms, s, m, h and d";
  return scale(*parts, *unit, text);
}

quantity parse_size(std::string_view text) {
  const auto parts = split(text);
  if (!parts) return in_quotes(text) + " is not a size; write one as 512, 64KiB, 1MiB or 1MB";
  const auto* unit = find(size_units, parts->unit);
  if (unit == nullptr)
    return in_quotes(text) + " has an unknown unit; the units are B, kB, MB, GB, KiB, MiB and GiB";
  return scale(*parts, *unit, text);
}

std::string format_duration(base::milliseconds duration) { return format(duration.count(), duration_units); }

std::string format_size(std::int64_t bytes) {
  constexpr unit binary[] = {{"", 1},
                             {"KiB", std::int64_t{1} << 10},
                             {"MiB", std::int64_t{1} << 20},
                             {"GiB", std::int64_t{1} << 30}};
  return format(bytes, binary);
}

std::string in_quotes(std::string_view text) {
  constexpr std::size_t longest = 60;
  constexpr char digits[] = "0123456789abcdef";
  std::string shown = "'";
  for (std::size_t at = 0; at < text.size();) {
    if (shown.size() > longest) return shown + "...'";
    const auto length = base::utf8_character(text.substr(at));
    const auto byte = static_cast<unsigned char>(text[at]);
    if (length == 0 || byte < 0x20 || byte == 0x7f) {
      shown += {'\\', 'x', digits[byte >> 4U], digits[byte & 15U]};
      ++at;
    } else {
      shown += text.substr(at, length);
      at += length;
    }
  }
  return shown + "'";
}

}  // namespace scanhost::config
