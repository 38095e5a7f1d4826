// SPDX-License-Identifier: Apache-2.0
//
// What is known of each partition's scans: whether one is under way, and when the last one started. Pure.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace scanhost::runner {

class partition_scans {
 public:
  // A scan starts at `now_ms` of the server's clock. Returns when the one before it started; 0: there was
  // none.
  std::int64_t start(std::uint32_t partition, std::uint32_t partition_count, std::int64_t now_ms) {
    if (partition >= partitions_.size()) partitions_.resize(std::max(partition_count, partition + 1));
    auto& entry = partitions_[partition];
    entry.under_way = true;
    return std::exchange(entry.last_start_ms, now_ms);
  }
  void end(std::uint32_t partition) { partitions_[partition].under_way = false; }

  // There is no such partition any more; its number may come again for another one.
  void remove(std::uint32_t partition) {
    if (partition < partitions_.size()) partitions_[partition] = {};
  }

  bool under_way(std::uint32_t partition) const noexcept {
    return partition < partitions_.size() && partitions_[partition].under_way;
  }

 private:
  struct entry {
    std::int64_t last_start_ms = 0;
    bool under_way = false;
  };
  std::vector<entry> partitions_;
};

}  // namespace scanhost::runner
