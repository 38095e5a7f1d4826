// SPDX-License-Identifier: Apache-2.0
//
// Whether the store still has the numbers of partitions with which the scanners run. A number is fixed for
// the life of the data, so another one means that somebody changed it, or that these are other data: that is
// said when it begins and when it is over. The scanners keep theirs until a reload.
#pragma once

#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "config/settings.hpp"
#include "plan/scanner_plan.hpp"

namespace scanhost::plan {

class partition_check {
 public:
  // Reads the store, and logs what is new; nothing if it does not answer. Waits for that until `stop`.
  // `configured`: the numbers of the configuration for all plugins.
  void look(const config::store_settings& store, const config::partition_counts& configured,
            const std::vector<scanner_plan>& plans, std::stop_token stop);

 private:
  std::set<std::string> known_;  // what differs, as it was logged
};

}  // namespace scanhost::plan
