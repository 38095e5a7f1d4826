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
      const auto raw =
          detail::read_growing<scanhost_option>(&detail::at_stride(plugin.options, i, plugin.option_stride));
      constexpr auto both = SCANHOST_OPTION_HAS_MINIMUM | SCANHOST_OPTION_HAS_MAXIMUM;
      if ((raw.flags & both) == both && raw.minimum > raw.maximum)
        throw std::invalid_argument("option '" + std::string(view(raw.name)) +
                                    "': its minimum is above its maximum");
      option parsed{raw.type};
      std::vector<std::string> values;
      for (std::size_t j = 0; j < raw.default_value_count; ++j)
        values.emplace_back(view(raw.default_values[j]));
      if (raw.type != SCANHOST_OPTION_TEXT_LIST) values.assign(1, std::string(view(raw.default_value)));
      if (raw.type == SCANHOST_OPTION_CHOICE && values[0].empty() && raw.choice_count > 0)
        values[0] = view(raw.choices[0]);
      set(parsed, std::move(values));
      options_.emplace(view(raw.name), std::move(parsed));
    }
  }

  // Throws std::invalid_argument when the plugin has no such option, or the text is not of its type.
  void set(const std::string& name, std::vector<std::string> values) {
    const auto found = options_.find(name);
    if (found == options_.end()) throw std::invalid_argument("the plugin has no option '" + name + "'");
    set(found->second, std::move(values));
  }

  // Null: the plugin has no such option.
  const detail::option_value* find(std::string_view name) const {
    const auto found = options_.find(name);
    return found == options_.end() ? nullptr : &found->second.value;
  }

 private:
  struct option {
    int type = 0;
    detail::option_value value = {};
  };

  static void set(option& target, std::vector<std::string> values) {
    if (target.type == SCANHOST_OPTION_TEXT_LIST) {
      target.value = std::move(values);
      return;
    }
    if (values.size() != 1) throw std::invalid_argument("an option that is not a list takes one value");
    if (target.type == SCANHOST_OPTION_TEXT || target.type == SCANHOST_OPTION_CHOICE) {
      target.value = std::move(values.front());
      return;
    }
    const auto number = parse_option(target.type, values.front());
    if (!number) throw std::invalid_argument("'" + values.front() + "' is not a value of the option's type");
    target.value = *number;
  }
  std::map<std::string, option, std::less<>> options_;
};

}  // namespace scanhost::inline v1_0::testing
