// SPDX-License-Identifier: Apache-2.0
#include "config/scanner_keys.hpp"

#include <algorithm>

#include "config/description.hpp"
#include "config/option_value.hpp"
#include "config/quantity.hpp"

namespace scanhost::config {
namespace {

constexpr std::int64_t day = 86'400'000;

constexpr bounds commands_per_s{1, 10'000'000};

constexpr scanner_key key_table[] = {
    {"plugin", &scanner_settings::plugin},
    {"enabled", &scanner_settings::enabled},
    {"interval", &scanner_settings::interval, {1, 366 * day}},
    {"dry_run", &scanner_settings::dry_run},
    {"drain", &scanner_settings::drain},
    {"page_size", &scanner_settings::page_size, {1, 100'000}},
    {"budget.calls", &budget_settings::calls, {1, 1'000'000'000'000}},
    {"budget.time", &budget_settings::time, {1, day}},
    {"budget.pages", &budget_settings::pages, {1, 1'000'000'000}},
    {"concurrency", &scanner_settings::concurrency, {0, max_partitions}},
    {"partitions", &scanner_settings::partitions, {1, max_partitions}},
    {"scan_timeout", &scanner_settings::scan_timeout, {10, day}},
    {"hang_timeout", &scanner_settings::hang_timeout, {10, day}},
    {"drain_timeout", &scanner_settings::drain_timeout, {1, 600'000}},
    {"memory_limit", &scanner_settings::memory_limit, {1 << 20, std::int64_t{1} << 40}},
    {"log_level", &scanner_settings::log_level},
    {"unload", &scanner_settings::unload},
    {"reload", &scanner_settings::reload},
    {"permissions.read_only", &permission_settings::read_only},
    {"permissions.commands", &permission_settings::commands},
    {"permissions.key_prefixes", &permission_settings::key_prefixes},
    {"rate.commands_per_s", &rate_settings::commands_per_s, commands_per_s},
    {"rate.target_latency", &rate_settings::target_latency, {10, 60'000'000}},
    {"rate.min_commands_per_s", &rate_settings::min_commands_per_s, commands_per_s},
    {"rate.max_commands_per_s", &rate_settings::max_commands_per_s, commands_per_s},
    {"sha256", &scanner_settings::sha256},
    {"options", &scanner_settings::options},
};

std::string shown(bool value) { return value ? "true" : "false"; }
std::string shown(std::uint32_t value) { return std::to_string(value); }
std::string shown(std::uint64_t value) { return std::to_string(value); }
std::string shown(std::optional<std::uint64_t> value) { return value ? std::to_string(*value) : "(none)"; }
std::string shown(std::optional<std::chrono::microseconds> value) {
  return value ? format_latency(*value) : "(none)";
}
std::string shown(base::milliseconds value) { return format_duration(value); }
std::string shown(byte_size value) { return value.bytes == 0 ? "(none)" : format_size(value.bytes); }
std::string shown(std::optional<base::severity> value) {
  return value ? std::string(base::to_text(*value)) : "(none)";
}
std::string shown(run_condition value) { return std::string(to_text(value)); }
std::string shown(unload_policy value) { return std::string(to_text(value)); }
std::string shown(reload_policy value) { return std::string(to_text(value)); }
std::string shown(const std::vector<std::string>& value) {
  return value.empty() ? "(none)" : format_list(value);
}
std::string shown(const std::string& value) { return value.empty() ? "(none)" : value; }

}  // namespace

std::span<const scanner_key> scanner_keys() noexcept { return key_table; }

std::vector<std::string> scanner_key_names(std::string_view map) {
  std::vector<std::string> names;
  for (const auto& key : key_table) {
    const auto dot = key.name.find('.');
    const bool in_map = dot != std::string_view::npos && key.name.substr(0, dot) == map;
    if (!in_map && !map.empty()) continue;
    const auto name = in_map ? key.name.substr(dot + 1) : key.name.substr(0, dot);
    if (names.empty() || names.back() != name) names.emplace_back(name);
  }
  return names;
}

std::string_view to_text(run_condition condition) noexcept {
  if (condition == run_condition::functions_exist) return "auto";
  return condition == run_condition::always ? "true" : "false";
}

std::string_view to_text(unload_policy policy) noexcept {
  return policy == unload_policy::never ? "never" : "normal";
}

std::string_view to_text(reload_policy policy) noexcept {
  return policy == reload_policy::rolling ? "rolling" : "together";
}

std::vector<setting_difference> find_differences(const scanner_settings& before,
                                                 const scanner_settings& after) {
  std::vector<setting_difference> differences;
  const auto compare = [&](std::string_view key, const auto& old_value, const auto& new_value) {
    if (old_value != new_value) differences.push_back({key, shown(old_value), shown(new_value)});
  };
  for (const auto& key : key_table) {
    std::visit(
        [&](auto member) {
          if constexpr (!std::is_same_v<decltype(member), option_values scanner_settings::*> &&
                        !std::is_same_v<decltype(member), partition_counts scanner_settings::*>)
            compare(key.name, value_of(before, member), value_of(after, member));
        },
        key.member);
  }
  return differences;
}

}  // namespace scanhost::config
