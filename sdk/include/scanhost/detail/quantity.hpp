// SPDX-License-Identifier: Apache-2.0
//
// How numbers, durations and sizes are written: "12", "0.5", "1500ms", "1.5s", "64KiB". The only grammar: the
// host reads its configuration with it, the test kit the options of a plugin. Fractions are allowed where the
// value is a whole number of milliseconds or bytes: nothing is rounded. Nothing is negative but plain
// numbers.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

namespace scanhost::inline v1_0::detail {

enum class quantity_error { none, not_a_number, no_unit, unknown_unit, too_large, too_fine };

struct parsed_quantity {
  std::int64_t value = 0;
  quantity_error error = quantity_error::none;

  explicit operator bool() const noexcept { return error == quantity_error::none; }
};

struct unit {
  std::string_view name;
  std::int64_t factor;
};

// Ascending.
inline constexpr unit duration_units[] = {
    {"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};

inline constexpr unit size_units[] = {{"", 1},
                                      {"B", 1},
                                      {"kB", 1000},
                                      {"MB", 1'000'000},
                                      {"GB", 1'000'000'000},
                                      {"KiB", std::int64_t{1} << 10},
                                      {"MiB", std::int64_t{1} << 20},
                                      {"GiB", std::int64_t{1} << 30}};

inline constexpr unit binary_size_units[] = {
    {"", 1}, {"KiB", std::int64_t{1} << 10}, {"MiB", std::int64_t{1} << 20}, {"GiB", std::int64_t{1} << 30}};

inline std::string_view take_digits(std::string_view& text) noexcept {
  const auto end = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto digits = text.substr(0, end);
  text.remove_prefix(end);
  return digits;
}

// False: larger than 63 bits hold.
inline bool read_digits(std::string_view digits, std::int64_t& value) noexcept {
  value = 0;
  return digits.empty() ||
         std::from_chars(digits.data(), digits.data() + digits.size(), value).ec == std::errc();
}

// whole.fraction times the factor.
inline parsed_quantity scale(std::string_view whole, std::string_view fraction,
                             std::int64_t factor) noexcept {
  std::int64_t units = 0;
  if (!read_digits(whole, units) || units > std::numeric_limits<std::int64_t>::max() / factor / 2)
    return {0, quantity_error::too_large};
  while (fraction.ends_with('0')) fraction.remove_suffix(1);
  if (fraction.size() > 9) return {0, quantity_error::too_fine};
  std::int64_t numerator = 0, denominator = 1;
  read_digits(fraction, numerator);
  for (std::size_t i = 0; i < fraction.size(); ++i) denominator *= 10;
  if (numerator * factor % denominator != 0) return {0, quantity_error::too_fine};
  return {units * factor + numerator * factor / denominator};
}

inline parsed_quantity parse_with_unit(std::string_view text, std::span<const unit> units) noexcept {
  const auto whole = take_digits(text);
  if (whole.empty()) return {0, quantity_error::not_a_number};
  std::string_view fraction;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    fraction = take_digits(text);
    if (fraction.empty()) return {0, quantity_error::not_a_number};
  }
  const auto found = std::ranges::find(units, text, &unit::name);
  if (found != units.end()) return scale(whole, fraction, found->factor);
  return {0, text.empty() ? quantity_error::no_unit : quantity_error::unknown_unit};
}

// "1500ms", "1.5s", "2s", "5m", "1h", "7d", in ms; the unit is required.
inline parsed_quantity parse_duration(std::string_view text) noexcept {
  return parse_with_unit(text, duration_units);
}

// "512", "512B", "64KiB", "1MiB", "2GiB", "64kB", "1MB", "2GB", in bytes.
inline parsed_quantity parse_size(std::string_view text) noexcept {
  return parse_with_unit(text, size_units);
}

// "-12": digits with an optional minus, no leading zeros.
inline parsed_quantity parse_integer(std::string_view text) noexcept {
  auto rest = text.substr(text.starts_with('-') ? 1 : 0);
  const auto digits = take_digits(rest);
  if (digits.empty() || !rest.empty() || (digits.size() > 1 && digits.starts_with('0')))
    return {0, quantity_error::not_a_number};
  parsed_quantity parsed;
  if (std::from_chars(text.data(), text.data() + text.size(), parsed.value).ec != std::errc())
    parsed.error = quantity_error::too_large;
  return parsed;
}

struct parsed_real {
  double value = 0;
  quantity_error error = quantity_error::none;

  explicit operator bool() const noexcept { return error == quantity_error::none; }
};

// "0.5", "3", "-1e-3": digits on both sides of the point, no leading zeros, finite.
inline parsed_real parse_real(std::string_view text) noexcept {
  auto rest = text.substr(text.starts_with('-') ? 1 : 0);
  const auto whole = take_digits(rest);
  const bool has_fraction = rest.starts_with('.');
  if (has_fraction) rest.remove_prefix(1);
  if (whole.empty() || (whole.size() > 1 && whole.starts_with('0')) ||
      (has_fraction && take_digits(rest).empty()))
    return {0, quantity_error::not_a_number};
  parsed_real parsed;
  const auto* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, parsed.value);
  if (read.ptr != end || read.ec == std::errc::invalid_argument) return {0, quantity_error::not_a_number};
  if (read.ec != std::errc()) return {0, quantity_error::too_large};
  return parsed;
}

inline std::string format_quantity(std::int64_t value, std::span<const unit> units) {
  const unit* best = &units.front();
  for (const auto& candidate : units)
    if (value != 0 && value % candidate.factor == 0 && candidate.factor > best->factor) best = &candidate;
  return std::to_string(value / best->factor).append(best->name);
}

// In the largest unit that gives a whole number: "1500ms", "2s", "7d"; "64KiB", "1000".
inline std::string format_duration(std::int64_t ms) { return format_quantity(ms, duration_units); }
inline std::string format_size(std::int64_t bytes) { return format_quantity(bytes, binary_size_units); }

}  // namespace scanhost::inline v1_0::detail
