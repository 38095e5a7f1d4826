// SPDX-License-Identifier: Apache-2.0
//
// The scans that are under way, by the handle that the plugin holds, and those that are over, whose memory
// the next ones reuse: a cycle makes as many scans as there are partitions.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <deque>
#include <utility>
#include <vector>

#include "runner/scan/scan.hpp"

namespace scanhost::runner {

class scan_table {
 public:
  // A new scan, under way.
  scan_ptr add() {
    auto scan = reusable();
    if (!scan) {
      scan = scan_ptr(new scanhost_scan);  // the pointer owns it
      known_.emplace(scan.get(), scan);
    }
    ++under_way_;
    return scan;
  }

  // The plugin is about to be called for this scan: most of what it asks for in the call is about it.
  void expect(const scan_ptr& scan) { expected_ = scan; }

  // Null: no such scan is under way.
  scanhost_scan* find(const scanhost_scan* handle) const {
    if (expected_ && expected_.get() == handle && !expected_->over) return expected_.get();
    const auto found = known_.find(handle);
    return found == known_.end() || found->second->over ? nullptr : found->second.get();
  }

  // It is over: finished or dropped.
  void remove(const scan_ptr& scan) {
    scan->over = true;
    --under_way_;
    over_.push_back(scan);
  }

  bool empty() const noexcept { return under_way_ == 0; }
  std::vector<scan_ptr> unfinished() const {
    std::vector<scan_ptr> open_scans;
    for (const auto& [handle, scan] : known_)
      if (!scan->over) open_scans.push_back(scan);
    return open_scans;
  }

 private:
  // A handle is not given out again before this many other scans have ended, so that the use of a handle
  // whose scan is over is noticed.
  static constexpr std::size_t min_over = 32;
  // Of a scan that is over and not in use: only over_ and known_ point to it.
  static constexpr unsigned own_references = 2;

  scan_ptr reusable() {
    if (over_.size() <= min_over || over_.front()->use_count() > own_references) return nullptr;
    auto scan = std::move(over_.front());
    over_.pop_front();
    scan->reset();
    return scan;
  }

  boost::unordered_flat_map<const scanhost_scan*, scan_ptr> known_;  // all of them
  std::deque<scan_ptr> over_;                                        // in the order of their ends
  scan_ptr expected_;
  std::size_t under_way_ = 0;
};

}  // namespace scanhost::runner
