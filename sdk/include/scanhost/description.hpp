// SPDX-License-Identifier: Apache-2.0
//
// The description of a C++ plugin, and its form in the ABI.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plugin.h"
#include "text.hpp"

namespace scanhost {

// See scanhost_family in plugin.h.
struct family {
  std::string name;
  std::string tag_pattern = {};
  std::uint32_t default_count = 0;
  std::string count_key = {};
  std::string count_field = {};
};

enum class option_type { text = 1, integer, duration, size, flag, text_list };

// See scanhost_option in option.h.
struct option {
  std::string name;
  option_type type = option_type::text;
  std::string default_value = {};
  std::string help = {};
  std::int64_t minimum = 0;
  std::int64_t maximum = 0;  // 0 with a positive minimum: no upper bound
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
  std::string metric_prefix = {};
  std::string backlog_gauge = {};
  bool serial = false;
};

namespace detail {

// Owns a description and its tables in the form of the ABI.
class descriptor {
 public:
  explicit descriptor(description source) : source_(std::move(source)) {
    for (const auto& source_family : source_.families)
      families_.push_back({sizeof(scanhost_family), source_family.default_count, to_c(source_family.name),
                           to_c(source_family.tag_pattern), to_c(source_family.count_key),
                           to_c(source_family.count_field)});
    for (const auto& source_option : source_.options)
      options_.push_back(
          {sizeof(scanhost_option), static_cast<std::int32_t>(source_option.type), to_c(source_option.name),
           to_c(source_option.help), to_c(source_option.default_value), source_option.minimum,
           source_option.maximum == 0 && source_option.minimum > 0 ? INT64_MAX : source_option.maximum});
    for (const auto& extension : source_.required_extensions) extensions_.push_back(to_c(extension));
    for (const auto& function : source_.functions) functions_.push_back(to_c(function));
  }
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;

  scanhost_plugin raw() const {
    scanhost_plugin plugin{};
    plugin.magic = SCANHOST_MAGIC;
    plugin.struct_size = sizeof plugin;
    plugin.abi_major = SCANHOST_ABI_MAJOR;
    plugin.abi_minor_required = 0;
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
    plugin.metric_prefix = to_c(source_.metric_prefix);
    plugin.backlog_gauge = to_c(source_.backlog_gauge);
    return plugin;
  }

 private:
  description source_;
  std::vector<scanhost_family> families_;
  std::vector<scanhost_option> options_;
  std::vector<scanhost_string> extensions_;
  std::vector<scanhost_string> functions_;
};

}  // namespace detail
}  // namespace scanhost
