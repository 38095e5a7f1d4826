// SPDX-License-Identifier: Apache-2.0
#include "runner/roster.hpp"

#include <algorithm>
#include <utility>

namespace scanhost::runner {

void roster::add(scanner_ptr one) {
  const std::lock_guard lock(mutex_);
  scanners_.push_back(std::move(one));
}

stop_outcome roster::remove(const scanner_ptr& one, base::steady_time deadline, base::milliseconds grace) {
  one->request_stop();
  const auto outcome = one->join(deadline, grace);
  const std::lock_guard lock(mutex_);
  std::erase(scanners_, one);
  if (outcome == stop_outcome::stuck) stuck_.push_back(one);
  return outcome;
}

std::vector<roster::scanner_ptr> roster::all() const {
  const std::lock_guard lock(mutex_);
  return scanners_;
}

roster::scanner_ptr roster::find(std::string_view name) const {
  const std::lock_guard lock(mutex_);
  const auto found =
      std::find_if(scanners_.begin(), scanners_.end(), [&](const auto& one) { return one->name() == name; });
  return found == scanners_.end() ? nullptr : *found;
}

std::vector<scanner_status> roster::statuses() const {
  std::vector<scanner_status> all_of_them;
  for (const auto& one : all()) all_of_them.push_back(one->status());
  return all_of_them;
}

std::vector<roster::scanner_ptr> roster::all_ever_stuck() const {
  const std::lock_guard lock(mutex_);
  return stuck_;
}

}  // namespace scanhost::runner
