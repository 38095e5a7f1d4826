// SPDX-License-Identifier: Apache-2.0
//
// The values of a plugin's options: the defaults of its table, and what a test sets instead.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../detail/growing.hpp"
#include "../detail/host_adapter.hpp"
#include "../detail/quantity.hpp"
#include "../plugin.h"
#include "../text.hpp"

namespace scanhost::inline v1_0::testing {

// "1.5s", "64KiB", "12", "true" as in YAML; nothing: the text is not of that type.
inline std::optional<std::int64_t> parse_option(int type, std::string_view text) {
  if (text.empty()) return 0;
  if (type == SCANHOST_OPTION_FLAG) {
    if (text == "true") return 1;
    return text == "false" ? std::optional<std::int64_t>(0) : std::nullopt;
  }
  const auto parsed = type == SCANHOST_OPTION_DURATION ? detail::parse_duration(text)
                      : type == SCANHOST_OPTION_SIZE   ? detail::parse_size(text)
                                                       : detail::parse_integer(text);
  return parsed ? std::optional(parsed.value) : std::nullopt;
}

class fake_options {
 public:
  // Throws std::invalid_argument for a table that the real host refuses.
  explicit fake_options(const scanhost_plugin& plugin) {
    for (std::size_t i = 0; i < plugin.option_count; ++i) {
      const auto row =
          detail::read_growing<scanhost_option>(&detail::at_stride(plugin.options, i, plugin.option_stride));
      if (has(row, SCANHOST_OPTION_HAS_MINIMUM) && has(row, SCANHOST_OPTION_HAS_MAXIMUM) &&
          (row.minimum > row.maximum || row.real_minimum > row.real_maximum))
        throw std::invalid_argument("option '" + std::string(view(row.name)) +
                                    "': its minimum is above its maximum");
      option added{row, {}, false};
      if (!has(row, SCANHOST_OPTION_REQUIRED)) set(added, defaults_of(row));
      options_.emplace(view(row.name), std::move(added));
    }
  }

  // Throws std::invalid_argument when the plugin has no such option, or the host would refuse the value.
  void set(const std::string& name, std::vector<std::string> values) { set(at(name), std::move(values)); }
  void set_value(const std::string& name, detail::option_value value) {
    auto& target = at(name);
    target.value = std::move(value);
    target.is_set = true;
  }

  // Null: the plugin has no such option.
  const detail::option_value* find(std::string_view name) const {
    const auto found = options_.find(name);
    return found == options_.end() ? nullptr : &found->second.value;
  }

  // The first required option without a value; empty: there is none.
  std::string_view missing() const {
    for (const auto& [name, known] : options_)
      if (!known.is_set) return name;
    return {};
  }

 private:
  struct option {
    scanhost_option row;
    detail::option_value value = {};
    bool is_set = false;
  };

  static bool has(const scanhost_option& row, std::uint32_t flag) noexcept { return (row.flags & flag) != 0; }

  static std::vector<std::string> defaults_of(const scanhost_option& row) {
    std::vector<std::string> values;
    for (std::size_t i = 0; i < row.default_value_count; ++i)
      values.emplace_back(view(row.default_values[i]));
    if (row.type != SCANHOST_OPTION_TEXT_LIST) values.assign(1, std::string(view(row.default_value)));
    if (row.type == SCANHOST_OPTION_CHOICE && values[0].empty() && row.choice_count > 0)
      values[0] = view(row.choices[0]);
    return values;
  }

  option& at(const std::string& name) {
    const auto found = options_.find(name);
    if (found == options_.end()) throw std::invalid_argument("the plugin has no option '" + name + "'");
    return found->second;
  }

  static void set(option& target, std::vector<std::string> values) {
    target.value = value_of(target.row, std::move(values));
    target.is_set = true;
  }

  static detail::option_value value_of(const scanhost_option& row, std::vector<std::string> values) {
    if (row.type == SCANHOST_OPTION_TEXT_LIST) {
      check_bounds(row, static_cast<std::int64_t>(values.size()), "its number of elements");
      return values;
    }
    if (values.size() != 1) throw std::invalid_argument("an option that is not a list takes one value");
    auto& text = values.front();
    if (row.type == SCANHOST_OPTION_CHOICE) check_choice(row, text);
    if (row.type == SCANHOST_OPTION_TEXT)
      check_bounds(row, static_cast<std::int64_t>(text.size()), "its length");
    if (row.type == SCANHOST_OPTION_TEXT || row.type == SCANHOST_OPTION_CHOICE) return std::move(text);
    if (row.type == SCANHOST_OPTION_REAL) return real_of(row, text);
    const auto number = parse_option(row.type, text);
    if (!number) throw std::invalid_argument("'" + text + "' is not a value of the option's type");
    check_bounds(row, *number, text);
    return *number;
  }

  static double real_of(const scanhost_option& row, const std::string& text) {
    const auto number = detail::parse_real(text.empty() ? "0" : text);
    if (!number) throw std::invalid_argument("'" + text + "' is not a value of the option's type");
    if ((has(row, SCANHOST_OPTION_HAS_MINIMUM) && number.value < row.real_minimum) ||
        (has(row, SCANHOST_OPTION_HAS_MAXIMUM) && number.value > row.real_maximum))
      throw std::invalid_argument("'" + text + "' is out of the option's bounds");
    return number.value;
  }

  static void check_choice(const scanhost_option& row, const std::string& text) {
    for (std::size_t i = 0; i < row.choice_count; ++i)
      if (view(row.choices[i]) == text) return;
    throw std::invalid_argument("'" + text + "' is none of the option's choices");
  }

  static void check_bounds(const scanhost_option& row, std::int64_t number, const std::string& what) {
    if ((has(row, SCANHOST_OPTION_HAS_MINIMUM) && number < row.minimum) ||
        (has(row, SCANHOST_OPTION_HAS_MAXIMUM) && number > row.maximum))
      throw std::invalid_argument("'" + what + "' is out of the bounds of the option '" +
                                  std::string(view(row.name)) + "'");
  }

  std::map<std::string, option, std::less<>> options_;
};

}  // namespace scanhost::inline v1_0::testing
