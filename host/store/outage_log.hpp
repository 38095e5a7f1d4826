// SPDX-License-Identifier: Apache-2.0
//
// The log lines about servers that do not answer: one when the first scanner loses the server, and one when
// all that lost it have it again, with their number. All scanners of the process share them. Thread safe.
#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"

namespace scanhost::store {

class outage_log {
 public:
  // `endpoint`: of the server, without secrets.
  void begin(const std::string& endpoint, const std::string& scanner, std::string_view problem);
  // `now`: the server that the scanner has instead; usually the same.
  void end(const std::string& endpoint, const std::string& scanner, std::string_view now);
  // The server is no primary of the cluster any more.
  void depart(const std::string& endpoint, const std::string& scanner);
  // The scanner goes: whether the server comes back for it will not be known.
  void leave(const std::string& endpoint, const std::string& scanner);

 private:
  struct outage {
    // That miss the server. A scanner is there twice while one of its generations replaces the other.
    std::multiset<std::string> scanners;
    std::set<std::string> lost_by;
    base::steady_time began{};
    bool departed = false;
  };
  using outages = std::map<std::string, outage>;

  outages::iterator remove(const std::string& endpoint, const std::string& scanner);

  std::mutex mutex_;
  outages outages_;
};

// What one scanner misses, in the log of the process. Threads: one at a time.
class missed_servers {
 public:
  explicit missed_servers(std::string scanner) : scanner_(std::move(scanner)) {}
  ~missed_servers();
  missed_servers(const missed_servers&) = delete;
  missed_servers& operator=(const missed_servers&) = delete;

  void begin(std::string_view endpoint, std::string_view problem);
  void end(std::string_view endpoint);
  void depart(std::string_view endpoint);

 private:
  // Takes it from the list. A connection may end an outage with another server than it began with.
  std::string take(std::string_view endpoint);

  const std::string scanner_;
  std::vector<std::string> endpoints_;
};

}  // namespace scanhost::store
