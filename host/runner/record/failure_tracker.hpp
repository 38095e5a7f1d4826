// SPDX-License-Identifier: Apache-2.0
//
// Failures by partition and item, across cycles, restarts and reloads. Three failures in a row put an item
// into back-off; it is skipped in the next nine cycles and tried again in the tenth.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace scanhost::runner {

class failure_tracker {
 public:
  static constexpr std::uint64_t threshold = 3;
  static constexpr std::uint64_t back_off_cycles = 10;
  static constexpr std::uint64_t clean_up_period = 50;  // cycles
  static constexpr std::size_t clean_up_size = 500;     // items

  // A cycle begins. Every 50th forgets the items that are not in back-off when more than 500 are known.
  void advance();

  // Whether to skip the item. The first "no" after a back-off restarts its count.
  bool should_skip(std::string_view tag, std::string_view item);

  // True when this failure put the item into back-off.
  bool add_failure(std::string_view tag, std::string_view item);

  void add_success(std::string_view tag, std::string_view item);

  // Forgets the items of all partitions but these, and those without a partition.
  void keep_partitions(const std::vector<std::string>& tags);

  std::size_t size() const noexcept { return items_.size(); }
  std::uint64_t in_back_off() const noexcept;

 private:
  struct entry {
    std::uint64_t failures = 0;
    std::uint64_t skip_until = 0;
  };
  using entries = std::unordered_map<std::string, entry>;

  const std::string& key_of(std::string_view tag, std::string_view item);
  bool in_back_off(const entry& tracked) const noexcept;
  void leave_back_off(const entry& tracked);

  std::uint64_t cycle_ = 0;
  std::string key_;  // its memory is used again
  entries items_;
  std::map<std::uint64_t, std::uint64_t> ends_;  // skip_until -> items, so that in_back_off() walks few
};

}  // namespace scanhost::runner
