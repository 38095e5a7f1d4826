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

#include "../detail/quantity.hpp"
#include "../plugin.h"
#include "../text.hpp"
#include "lent.hpp"

namespace scanhost::testing {

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
    const auto* at = reinterpret_cast<const std::byte*>(plugin.options);
    for (std::size_t i = 0; i < plugin.option_count; ++i, at += plugin.option_stride) {
      const auto raw = read_growing<scanhost_option>(at);
      if (raw.minimum > raw.maximum)
        throw std::invalid_argument("option '" + std::string(view(raw.name)) +
                                    "': its minimum is above its maximum");
      option parsed{raw.type, {}, 0};
      const std::string text(view(raw.default_value));
      set(parsed, raw.type == SCANHOST_OPTION_TEXT_LIST ? split(text) : std::vector{text});
      options_.emplace(view(raw.name), std::move(parsed));
    }
  }

  // Throws std::invalid_argument when the plugin has no such option, or the text is not of its type.
  void set(const std::string& name, std::vector<std::string> values) {
    const auto found = options_.find(name);
    if (found == options_.end()) throw std::invalid_argument("the plugin has no option '" + name + "'");
    set(found->second, std::move(values));
  }

  std::size_t count(scanhost_string name) const {
    const auto* found = find(name);
    return found == nullptr ? 0 : found->type == SCANHOST_OPTION_TEXT_LIST ? found->texts.size() : 1;
  }
  scanhost_status text(scanhost_string name, std::size_t index, scanhost_string* value) const {
    const auto* found = find(name);
    const bool right =
        found != nullptr && (found->type == SCANHOST_OPTION_TEXT || found->type == SCANHOST_OPTION_TEXT_LIST);
    if (!right || index >= found->texts.size()) return SCANHOST_INVALID;
    *value = to_c(found->texts[index]);
    return SCANHOST_OK;
  }
  scanhost_status integer(scanhost_string name, std::int64_t* value) const {
    const auto* found = find(name);
    if (found == nullptr || found->type == SCANHOST_OPTION_TEXT || found->type == SCANHOST_OPTION_TEXT_LIST)
      return SCANHOST_INVALID;
    *value = found->number;
    return SCANHOST_OK;
  }

 private:
  struct option {
    int type = 0;
    std::vector<std::string> texts = {};
    std::int64_t number = 0;
  };

  static void set(option& target, std::vector<std::string> values) {
    if (target.type != SCANHOST_OPTION_TEXT_LIST && values.size() != 1)
      throw std::invalid_argument("an option that is not a list takes one value");
    if (target.type != SCANHOST_OPTION_TEXT && target.type != SCANHOST_OPTION_TEXT_LIST) {
      const auto number = parse_option(target.type, values.front());
      if (!number)
        throw std::invalid_argument("'" + values.front() + "' is not a value of the option's type");
      target.number = *number;
    }
    target.texts = std::move(values);
  }
  static std::vector<std::string> split(std::string_view text) {
    std::vector<std::string> parts;
    while (!text.empty()) {
      const auto comma = text.find(',');
      auto part = text.substr(0, comma);
      while (!part.empty() && part.front() == ' ') part.remove_prefix(1);
      while (!part.empty() && part.back() == ' ') part.remove_suffix(1);
      parts.emplace_back(part);
      text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
    }
    return parts;
  }
  const option* find(scanhost_string name) const {
    const auto found = options_.find(view(name));
    return found == options_.end() ? nullptr : &found->second;
  }

  std::map<std::string, option, std::less<>> options_;
};

}  // namespace scanhost::testing
