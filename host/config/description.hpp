// SPDX-License-Identifier: Apache-2.0
//
// What a plugin says about itself: the host's own copy of its descriptor, so that nothing here points into
// the plugin. The configuration is validated against its table of options.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"

namespace scanhost::config {

// The number of partitions of a family, and of scans in flight, never exceeds this.
inline constexpr std::uint32_t max_partitions = 65'535;

// Who the members of a family are. Values as in SCANHOST_MEMBERS_*.
enum class member_source { counted, option, key, plugin };

// Belongs to its plugin: families of two plugins have nothing to do with each other, whatever their names.
struct family {
  std::string name;
  std::string tag_pattern = {};  // "{shard:*}", "{main}"; empty for `node` and `single`
  std::uint32_t default_count = 0;
  std::string count_key = {};  // hash in the store that holds the true count; empty: none
  std::string count_field = {};
  member_source members = member_source::counted;
  std::string members_from = {};  // the option or the key

  // Its members are looked up at the start of each cycle.
  bool listed() const noexcept { return members != member_source::counted; }
  // It has as many partitions as the configuration, the store or the plugin says.
  bool counted() const noexcept { return !listed() && tag_pattern.find('*') != std::string::npos; }

  friend bool operator==(const family&, const family&) = default;
};

// Values as in SCANHOST_OPTION_*.
enum class option_type { text = 1, integer, duration, size, flag, text_list, real, choice };

struct option {
  std::string name;
  option_type type = option_type::text;
  std::string help = {};
  std::string default_value = {};  // as written in YAML; empty for a list and where there is none
  // Of an integer, a duration in ms, a size in bytes; the length of a text in bytes or of a list in elements.
  std::optional<std::int64_t> minimum = {};
  std::optional<std::int64_t> maximum = {};
  std::optional<double> real_minimum = {};  // of a real
  std::optional<double> real_maximum = {};
  std::vector<std::string> default_values = {};  // of a list
  std::vector<std::string> choices = {};         // of a choice
  bool required = false;                         // the configuration has to give it; it has no default
  bool secret = false;                           // a text that only the plugin may see

  friend bool operator==(const option&, const option&) = default;
};

struct description {
  std::string name;
  std::string version;
  std::string summary;
  std::string author;
  std::string licence;
  std::string sdk_version;
  std::uint16_t abi_major = 0;
  std::uint16_t abi_minor_required = 0;
  std::uint16_t abi_minor_built = 0;
  bool serial = false;
  std::vector<family> families;  // the first is swept
  base::milliseconds default_interval{0};
  std::uint32_t default_page_size = 0;
  std::vector<option> options;
  std::vector<std::string> required_extensions;  // of the host
  std::vector<std::string> offered_extensions;   // its own, of those that this host knows
  std::string function_library;
  std::vector<std::string> functions;           // that it needs
  std::vector<std::string> optional_functions;  // that it uses where they are
  std::string metric_prefix;
  std::string backlog_gauge;

  // It has this extension of its own: "scanhost.explain/1".
  bool offers(std::string_view id) const noexcept {
    for (const auto& offered : offered_extensions)
      if (offered == id) return true;
    return false;
  }
  const option* find_option(std::string_view option_name) const noexcept {
    for (const auto& candidate : options)
      if (candidate.name == option_name) return &candidate;
    return nullptr;
  }
};

}  // namespace scanhost::config
