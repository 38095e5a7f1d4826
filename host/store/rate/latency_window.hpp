// SPDX-License-Identifier: Apache-2.0
//
// Measurements of one window, and the latency that they stand for: nine of ten were not longer. The mean
// would hide what a burst does to other clients, the longest would follow every hiccup of the network. Pure.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>

namespace scanhost::store {

class latency_window {
 public:
  static constexpr std::size_t size = 20;

  void add(std::chrono::microseconds latency) noexcept { latencies_[count_++] = latency; }
  bool is_full() const noexcept { return count_ == size; }
  void clear() noexcept { count_ = 0; }

  // Precondition: it is full.
  std::chrono::microseconds latency() const noexcept {
    auto sorted = latencies_;
    std::ranges::sort(sorted);
    return sorted[size * 9 / 10 - 1];
  }

 private:
  std::array<std::chrono::microseconds, size> latencies_{};
  std::size_t count_ = 0;
};

}  // namespace scanhost::store
