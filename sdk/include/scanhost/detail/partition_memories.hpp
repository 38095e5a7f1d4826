// SPDX-License-Identifier: Apache-2.0
//
// What a sweep keeps from cycle to cycle, for each partition and pass.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "../scan_context.hpp"

namespace scanhost::inline v1_0::detail {

template <class Memory>
class partition_memories {
 public:
  // The reference holds while the scan is open. Partitions that are scanned no more are forgotten.
  Memory& of(const scan_context& scan, std::uint32_t pass) {
    if (scan.cycle() > cycle_) forget(scan.cycle());
    auto& entry = kept_[{name_of(scan), pass}];
    entry.cycle = scan.cycle();
    return entry.memory;
  }

 private:
  static constexpr std::uint64_t max_idle_cycles = 2;
  struct memory_of_partition {
    Memory memory = {};
    std::uint64_t cycle = 0;  // that it was used in
  };

  // By tag, since a partition of a listed family may have another index in each cycle.
  static std::string name_of(const scan_context& scan) {
    return scan.tag().empty() ? std::to_string(scan.index()) : std::string(scan.tag());
  }
  void forget(std::uint64_t now) {
    cycle_ = now;
    std::erase_if(kept_, [&](const auto& entry) { return entry.second.cycle + max_idle_cycles < now; });
  }

  std::uint64_t cycle_ = 0;
  std::map<std::pair<std::string, std::uint32_t>, memory_of_partition> kept_;
};

}  // namespace scanhost::inline v1_0::detail
