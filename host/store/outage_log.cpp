// SPDX-License-Identifier: Apache-2.0
#include "store/outage_log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

#include "base/counted.hpp"
#include "base/log.hpp"

namespace scanhost::store {
namespace {

constexpr std::string_view every_scanner = "store";  // the name of the lines that are no scanner's

outage_log& shared_outage_log() {
  static outage_log& log = *std::make_unique<outage_log>().release();  // threads may outlive the statics
  return log;
}

}  // namespace

void outage_log::begin(const std::string& endpoint, const std::string& scanner, std::string_view problem) {
  const std::lock_guard lock(mutex_);
  auto& lost = outages_[endpoint];
  lost.scanners.insert(scanner);
  lost.lost_by.insert(scanner);
  if (lost.began != base::steady_time{}) return;
  lost.began = base::steady::now();
  base::log(
      base::events::store_lost, every_scanner,
      fmt::format("store {}: {}; retrying until it answers (first missed by {})", endpoint, problem, scanner),
      {{"error", problem}});
}

void outage_log::end(const std::string& endpoint, const std::string& scanner, std::string_view now) {
  const std::lock_guard lock(mutex_);
  const auto found = remove(endpoint, scanner);
  if (found == outages_.end() || !found->second.scanners.empty()) return;
  const auto length = std::chrono::duration<double>(base::steady::now() - found->second.began).count();
  base::log(base::events::store_connected, every_scanner,
            fmt::format("store {}: connected again after {:.1f} s, which {} had lost", now, length,
                        base::counted(found->second.lost_by.size(), "scanner")));
  outages_.erase(found);
}

void outage_log::depart(const std::string& endpoint, const std::string& scanner) {
  const std::lock_guard lock(mutex_);
  const auto found = remove(endpoint, scanner);
  if (found == outages_.end()) return;
  if (!std::exchange(found->second.departed, true))
    base::log(base::events::store_node_left, every_scanner,
              fmt::format("store {}: it is not a primary of the cluster any more; others serve its slots",
                          endpoint));
  if (found->second.scanners.empty()) outages_.erase(found);
}

void outage_log::leave(const std::string& endpoint, const std::string& scanner) {
  const std::lock_guard lock(mutex_);
  const auto found = remove(endpoint, scanner);
  if (found != outages_.end() && found->second.scanners.empty()) outages_.erase(found);
}

outage_log::outages::iterator outage_log::remove(const std::string& endpoint, const std::string& scanner) {
  const auto found = outages_.find(endpoint);
  if (found == outages_.end()) return found;
  auto& scanners = found->second.scanners;
  if (const auto entry = scanners.find(scanner); entry != scanners.end()) scanners.erase(entry);
  return found;
}

missed_servers::~missed_servers() {
  for (const auto& endpoint : endpoints_) shared_outage_log().leave(endpoint, scanner_);
}

void missed_servers::begin(std::string_view endpoint, std::string_view problem) {
  endpoints_.emplace_back(endpoint);
  shared_outage_log().begin(endpoints_.back(), scanner_, problem);
}

void missed_servers::end(std::string_view endpoint) {
  if (!endpoints_.empty()) shared_outage_log().end(take(endpoint), scanner_, endpoint);
}

void missed_servers::depart(std::string_view endpoint) {
  const auto found = std::ranges::find(endpoints_, endpoint);
  if (found == endpoints_.end()) return;
  shared_outage_log().depart(*found, scanner_);
  endpoints_.erase(found);
}

std::string missed_servers::take(std::string_view endpoint) {
  auto found = std::ranges::find(endpoints_, endpoint);
  if (found == endpoints_.end()) --found;
  auto taken = std::move(*found);
  endpoints_.erase(found);
  return taken;
}

}  // namespace scanhost::store
