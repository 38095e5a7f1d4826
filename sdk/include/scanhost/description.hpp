// SPDX-License-Identifier: Apache-2.0
//
// The description of a C++ plugin, and its form in the ABI.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "plugin.h"
#include "text.hpp"

namespace scanhost::inline v1_0 {

// Who the members of a family are; see SCANHOST_MEMBERS_* in plugin.h.
enum class members { counted, from_option, from_key, from_plugin };

// See scanhost_family in plugin.h.
struct family {
  std::string name;
  std::string tag_pattern = {};
  std::uint32_t default_count = 0;
  std::string count_key = {};
  std::string count_field = {};
  scanhost::members members = scanhost::members::counted;
  std::string members_from = {};
};

enum class option_type { text = 1, integer, duration, size, flag, text_list, real, choice };

// A bound of an option: a whole number, a real number, or a duration.
struct bound {
  std::int64_t whole = 0;
  double real = 0;

  template <class Number>
  requires std::is_arithmetic_v<Number>
  constexpr bound(Number value) noexcept
      : whole(static_cast<std::int64_t>(value)), real(static_cast<double>(value)) {}
  template <class Rep, class Period>
  constexpr bound(std::chrono::duration<Rep, Period> value) noexcept
      : bound(std::chrono::duration_cast<milliseconds>(value).count()) {}
};

// See scanhost_option in option.h.
struct option {
  std::string name;
  option_type type = option_type::text;
  std::string default_value = {};
  std::string help = {};
  std::optional<bound> minimum = {};
  std::optional<bound> maximum = {};
  std::vector<std::string> default_values = {};  // of a text_list
  std::vector<std::string> choices = {};         // of a choice
  bool required = false;
  bool secret = false;
};

// See scanhost_plugin in plugin.h for what each field means.
struct description {
  std::string name;
  std::string version;
  std::string summary;
  std::string author = {};
  std::string licence = {};
  std::vector<family> families;
  milliseconds default_interval{1000};
  std::uint32_t default_page_size = 100;
  std::vector<option> options = {};
  std::vector<std::string> required_extensions = {};
  std::string function_library = {};
  std::vector<std::string> functions = {};
  std::vector<std::string> optional_functions = {};
  std::string metric_prefix = {};
  std::string backlog_gauge = {};
  bool serial = false;
  std::uint16_t abi_minor_required = 0;
};

namespace detail {

// Owns a description and its tables in the form of the ABI.
class descriptor {
 public:
  explicit descriptor(description source) : source_(std::move(source)) {
    for (const auto& given : source_.families) families_.push_back(row_of(given));
    for (const auto& given : source_.options) options_.push_back(row_of(given));
    extensions_ = texts_of(source_.required_extensions);
    functions_ = texts_of(source_.functions);
    optional_functions_ = texts_of(source_.optional_functions);
  }
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;

  scanhost_plugin raw() const {
    scanhost_plugin plugin{};
    plugin.magic = SCANHOST_MAGIC;
    plugin.struct_size = sizeof plugin;
    plugin.abi_major = SCANHOST_ABI_MAJOR;
    plugin.abi_minor_required = source_.abi_minor_required;
    plugin.abi_minor_built = SCANHOST_ABI_MINOR;
    if (source_.serial) plugin.flags |= SCANHOST_PLUGIN_SERIAL;
    plugin.sdk_version = to_c(SCANHOST_SDK_VERSION);
    plugin.name = to_c(source_.name);
    plugin.version = to_c(source_.version);
    plugin.summary = to_c(source_.summary);
    plugin.author = to_c(source_.author);
    plugin.licence = to_c(source_.licence);
    plugin.families = families_.data();
    plugin.family_count = families_.size();
    plugin.family_stride = sizeof(scanhost_family);
    plugin.default_interval_ms = static_cast<std::uint64_t>(source_.default_interval.count());
    plugin.default_page_size = source_.default_page_size;
    plugin.options = options_.data();
    plugin.option_count = options_.size();
    plugin.option_stride = sizeof(scanhost_option);
    plugin.required_extensions = extensions_.data();
    plugin.required_extension_count = extensions_.size();
    plugin.function_library = to_c(source_.function_library);
    plugin.functions = functions_.data();
    plugin.function_count = functions_.size();
    plugin.optional_functions = optional_functions_.data();
    plugin.optional_function_count = optional_functions_.size();
    plugin.metric_prefix = to_c(source_.metric_prefix);
    plugin.backlog_gauge = to_c(source_.backlog_gauge);
    return plugin;
  }

 private:
  static std::vector<scanhost_string> texts_of(const std::vector<std::string>& given) {
    std::vector<scanhost_string> texts;
    texts.reserve(given.size());
    for (const auto& text : given) texts.push_back(to_c(text));
    return texts;
  }
  static scanhost_family row_of(const family& given) {
    scanhost_family row{};
    row.struct_size = sizeof row;
    row.default_count = given.default_count;
    row.name = to_c(given.name);
    row.tag_pattern = to_c(given.tag_pattern);
    row.count_key = to_c(given.count_key);
    row.count_field = to_c(given.count_field);
    row.members = static_cast<std::int32_t>(given.members);
    row.members_from = to_c(given.members_from);
    return row;
  }
  // Points to the lists of texts, which it keeps.
  scanhost_option row_of(const option& given) {
    scanhost_option row{};
    row.struct_size = sizeof row;
    row.type = static_cast<std::int32_t>(given.type);
    row.name = to_c(given.name);
    row.help = to_c(given.help);
    row.default_value = to_c(given.default_value);
    if (given.required) row.flags |= SCANHOST_OPTION_REQUIRED;
    if (given.secret) row.flags |= SCANHOST_OPTION_SECRET;
    const bool real = given.type == option_type::real;
    if (given.minimum) {
      row.flags |= SCANHOST_OPTION_HAS_MINIMUM;
      if (real)
        row.real_minimum = given.minimum->real;
      else
        row.minimum = given.minimum->whole;
    }
    if (given.maximum) {
      row.flags |= SCANHOST_OPTION_HAS_MAXIMUM;
      if (real)
        row.real_maximum = given.maximum->real;
      else
        row.maximum = given.maximum->whole;
    }
    const auto& defaults = lists_.emplace_back(texts_of(given.default_values));
    row.default_values = defaults.data();
    row.default_value_count = defaults.size();
    const auto& choices = lists_.emplace_back(texts_of(given.choices));
    row.choices = choices.data();
    row.choice_count = choices.size();
    return row;
  }

  description source_;
  std::vector<scanhost_family> families_;
  std::vector<scanhost_option> options_;
  std::vector<scanhost_string> extensions_;
  std::vector<scanhost_string> functions_;
  std::vector<scanhost_string> optional_functions_;
  std::deque<std::vector<scanhost_string>> lists_;
};

}  // namespace detail
}  // namespace scanhost::inline v1_0
