// SPDX-License-Identifier: Apache-2.0
//
// How many partitions each family has: the count in the configuration, else in the store, else the plugin's
// default. It is an error if configuration and store disagree: the count is fixed for the life of the data.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "config/description.hpp"
#include "config/settings.hpp"
#include "store/session.hpp"

namespace scanhost::plan {

using partition_counts = std::map<std::string, std::uint32_t, std::less<>>;

// Pure. `stored`: the text in the store; none if the hash or the field does not exist. A stored text that is
// not a number from 1 to 65535 counts as missing.
base::result<std::uint32_t> decide_count(const config::family& family,
                                         std::optional<std::uint32_t> configured,
                                         const std::optional<std::string>& stored);

// The counts of all these families. Reads the store if a family names a key.
base::result<partition_counts> read_partition_counts(store::session& store,
                                                     const std::vector<config::family>& families,
                                                     const partition_counts& configured);

}  // namespace scanhost::plan
