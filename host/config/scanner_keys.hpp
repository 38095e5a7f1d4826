// SPDX-License-Identifier: Apache-2.0
//
// The YAML keys of a scanner, one row each. From this table derive: the reader of the file, the differences
// between two configurations, what `check-config` prints, and the names that an option of a plugin must not
// have. A new key takes one row here and one member in config/settings.hpp.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/bounds.hpp"
#include "config/settings.hpp"

namespace scanhost::config {

// A member of the settings of a scanner, of its budget, its permissions, or its rate.
using scanner_member = std::variant<
    bool scanner_settings::*, run_condition scanner_settings::*, std::uint32_t scanner_settings::*,
    std::string scanner_settings::*, base::milliseconds scanner_settings::*, byte_size scanner_settings::*,
    std::optional<base::severity> scanner_settings::*, unload_policy scanner_settings::*,
    reload_policy scanner_settings::*, option_values scanner_settings::*,
    partition_counts scanner_settings::*, std::uint64_t budget_settings::*, std::uint32_t budget_settings::*,
    base::milliseconds budget_settings::*, bool permission_settings::*,
    std::vector<std::string> permission_settings::*, std::optional<std::uint64_t> rate_settings::*,
    std::optional<std::chrono::microseconds> rate_settings::*>;

struct scanner_key {
  std::string_view name;  // as in messages: "interval", "budget.calls"
  scanner_member member;
  bounds range{};  // of numbers, durations, latencies and sizes
};

// In the order in which they are shown.
std::span<const scanner_key> scanner_keys() noexcept;

// The keys that may stand directly under a scanner ("budget", not "budget.calls"), or in one of its maps.
std::vector<std::string> scanner_key_names(std::string_view map = {});

// The member of these settings that `member` points to.
template <class Settings, class Value>
auto& value_of(Settings& settings, Value scanner_settings::*member) noexcept {
  return settings.*member;
}
template <class Settings, class Value>
auto& value_of(Settings& settings, Value budget_settings::*member) noexcept {
  return settings.budget.*member;
}
template <class Settings, class Value>
auto& value_of(Settings& settings, Value permission_settings::*member) noexcept {
  return settings.permissions.*member;
}
template <class Settings, class Value>
auto& value_of(Settings& settings, Value rate_settings::*member) noexcept {
  return settings.rate.*member;
}

// As in YAML: "false", "true" or "auto".
std::string_view to_text(run_condition condition) noexcept;
std::string_view to_text(unload_policy policy) noexcept;
std::string_view to_text(reload_policy policy) noexcept;

struct setting_difference {
  std::string_view key;
  std::string before;  // as in YAML; an empty text is "(none)"
  std::string after;
};

// The keys in which two scanners differ, in the order of the table; their options and numbers of partitions
// are not compared.
std::vector<setting_difference> find_differences(const scanner_settings& before,
                                                 const scanner_settings& after);

}  // namespace scanhost::config
