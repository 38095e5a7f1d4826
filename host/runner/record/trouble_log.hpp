// SPDX-License-Identifier: Apache-2.0
//
// The log lines of the store's troubles: one when a state begins, and one when it ends, with how long it took
// and how many commands it cost. A state of the server itself is one line for all scanners; one that is a
// scanner's own, such as a missing right, is a line of that scanner. Thread safe.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include "base/clock.hpp"
#include "runner/record/store_troubles.hpp"

namespace scanhost::runner {

class trouble_log {
 public:
  // `store`: its address, without secrets.
  void begin(const std::string& store, const std::string& scanner, const store_trouble& trouble);
  void end(const std::string& store, const std::string& scanner, const store_trouble& trouble);
  // The scanner goes: whether it is over will not be known.
  void leave(const std::string& store, const std::string& scanner, const store_trouble& trouble);

 private:
  struct episode {
    std::set<std::string> scanners;  // that meet it now
    std::size_t met_by = 0;          // that have met it
    std::uint64_t commands = 0;
    base::steady_time began{};
  };
  using key = std::pair<std::string, store::state>;

  std::mutex mutex_;
  std::map<key, episode> episodes_;  // of the servers themselves
};

// That of the process: all scanners write to it.
trouble_log& shared_trouble_log();

}  // namespace scanhost::runner
