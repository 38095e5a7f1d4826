// SPDX-License-Identifier: Apache-2.0
#include "commands/ctl_status_values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/escaped.hpp"
#include "base/size_text.hpp"
#include "base/time_text.hpp"
#include "base/utf8.hpp"

namespace scanhost::commands::shown {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

constexpr std::size_t digits_of_a_build = 12;
constexpr std::string_view dots = "...";

std::size_t character_size(std::string_view text) {
  return std::max<std::size_t>(base::utf8_character(text), 1);
}

std::string two_units(std::int64_t large, char large_unit, std::int64_t small, char small_unit) {
  return small == 0 ? fmt::format("{}{}", large, large_unit)
                    : fmt::format("{}{}{}{}", large, large_unit, small, small_unit);
}

state_word own_state(std::string_view name) {
  if (name == "functions_missing") return {"no functions", urgency::trouble};
  if (name == "backing_off") return {"backing off", urgency::trouble};
  if (name == "stuck" || name == "stopped") return {std::string(name), urgency::trouble};
  if (name == "starting" || name == "stopping") return {std::string(name), urgency::noticed};
  return {shorten(on_a_line(name), 12), urgency::fine};
}

}  // namespace

std::string on_a_line(std::string_view several_lines) {
  std::string joined;
  while (!several_lines.empty()) {
    const auto line = several_lines.substr(0, several_lines.find('\n'));
    several_lines.remove_prefix(std::min(line.size() + 1, several_lines.size()));
    if (!line.empty()) joined += (joined.empty() ? "" : "; ") + base::escaped(line);
  }
  return joined;
}

std::string text(const json& string) { return on_a_line(string.get_ref<const std::string&>()); }

std::size_t width(std::string_view text) {
  std::size_t characters = 0;
  for (; !text.empty(); ++characters) text.remove_prefix(character_size(text));
  return characters;
}

std::string shorten(std::string_view text, std::size_t max_width) {
  if (width(text) <= max_width) return std::string(text);
  const auto kept = max_width > dots.size() ? max_width - dots.size() : 0;
  std::size_t size = 0;
  for (std::size_t i = 0; i < kept; ++i) size += character_size(text.substr(size));
  return fmt::format("{}{}", text.substr(0, size), dots.substr(0, max_width));
}

base::timestamp timestamp_of(const json& ms) {
  return base::timestamp(base::milliseconds(ms.get<std::int64_t>()));
}

std::string moment(const json& ms) { return ms.is_null() ? "-" : base::utc_text(timestamp_of(ms)); }

std::string span(base::milliseconds span) {
  if (span < 1s) return fmt::format("{}ms", std::max<std::int64_t>(span.count(), 0));
  const auto seconds = span.count() / 1000;
  if (span < 1min) return fmt::format("{}s", seconds);
  if (span < 1h) return two_units(seconds / 60, 'm', seconds % 60, 's');
  if (span < 24h) return two_units(seconds / 3600, 'h', seconds / 60 % 60, 'm');
  return two_units(seconds / 86'400, 'd', seconds / 3600 % 24, 'h');
}

std::string span_or_dash(const json& ms) {
  return ms.is_null() ? "-" : span(base::milliseconds(ms.get<std::int64_t>()));
}

std::string count(const json& value) {
  return value.is_null() ? "-" : std::to_string(value.get<std::uint64_t>());
}

std::string short_count(std::uint64_t value) {
  constexpr std::uint64_t million = 1'000'000;
  if (value < million) return std::to_string(value);
  if (value < 100 * million) return fmt::format("{}.{}M", value / million, value / (million / 10) % 10);
  if (value < 1000 * million) return fmt::format("{}M", value / million);
  if (value < million * million) return fmt::format("{}G", value / (1000 * million));
  return value < 1000 * million * million ? fmt::format("{}T", value / (million * million)) : "> 1P";
}

std::string rate(double per_second) {
  if (per_second < 0.05) return "0/s";
  if (per_second < 9.95) return fmt::format("{:.1f}/s", per_second);
  if (per_second < 9999.5) return fmt::format("{:.0f}/s", per_second);
  return fmt::format("{:.0f}k/s", per_second / 1000);
}

std::string size(const json& bytes) {
  return bytes.is_null() ? "-" : base::size_text(bytes.get<std::int64_t>());
}

std::string build(const json& sha256) {
  const auto digits = text(sha256).substr(0, digits_of_a_build);
  return digits.empty() ? "-" : digits;
}

state_word state(const json& scanner) {
  if (scanner.at("blocked").get<bool>()) return {"blocked", urgency::trouble};
  auto own = own_state(scanner.at("state").get_ref<const std::string&>());
  const bool paused = scanner.at("paused").get<bool>();
  if (paused && own.level == urgency::fine) return {"paused", urgency::noticed};
  const bool ready = scanner.at("ready").get<bool>();
  if (!ready && own.level == urgency::fine && scanner.at("cycles") != 0) own.level = urgency::trouble;
  return own;
}

std::string painted(const std::string& text, urgency level, bool colors) {
  if (!colors || level == urgency::fine || text.empty()) return text;
  return fmt::format("\033[{}m{}\033[m", level == urgency::trouble ? "1;31" : "33", text);
}

}  // namespace scanhost::commands::shown
