// SPDX-License-Identifier: Apache-2.0
//
// How many partitions each counted family of a scanner's plugin has: the number that the configuration gives
// for this scanner, else for the family's name, else the one in the store, else the plugin's default. It is
// an error if configuration and store disagree: the number is fixed for the life of the data.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "base/error.hpp"
#include "config/description.hpp"
#include "config/settings.hpp"
#include "store/session.hpp"

namespace scanhost::plan {

// A number in the configuration, and where: "partitions.shard".
struct configured_count {
  std::uint32_t count = 0;
  std::string path;
};

// None: neither this scanner nor the family's name has a number.
std::optional<configured_count> find_configured(const config::family& family,
                                                const config::scanner_settings& scanner,
                                                const config::partition_counts& by_name);

// Pure. `stored`: the text in the store; none if the hash or the field does not exist. A stored text that is
// not a number from 1 to 65535 counts as missing.
base::result<std::uint32_t> decide_count(const config::family& family,
                                         const std::optional<configured_count>& configured,
                                         const std::optional<std::string>& stored);

// Decides the numbers of one scanner after the other. Reads each field of the store once.
class partition_counter {
 public:
  // Both have to outlive it. `by_name`: the configured numbers for families of all plugins.
  partition_counter(store::session& store, const config::partition_counts& by_name) noexcept
      : store_(store), by_name_(by_name) {}

  base::result<config::partition_counts> count(const config::scanner_settings& scanner,
                                               const config::description& plugin);

 private:
  base::result<std::optional<std::string>> read_field(const config::family& family);

  store::session& store_;
  const config::partition_counts& by_name_;
  std::map<std::pair<std::string, std::string>, std::optional<std::string>> fields_;  // by key and field
};

}  // namespace scanhost::plan
