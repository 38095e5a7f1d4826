// SPDX-License-Identifier: Apache-2.0
//
// Measurements of one window, and the latency that they stand for: of a hundred, all but three were not
// longer. The mean and the middle hardly show what a busy server does to other clients, for most of whose
// commands do not meet anything; the longest would follow every hiccup of the network. Pure.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>

namespace scanhost::store {

class latency_window {
 public:
  static constexpr std::size_t size = 100;
  static constexpr std::size_t exceptions = 3;  // that may be longer

  void add(std::chrono::microseconds latency) noexcept {
    ++count_;
    const auto at = std::ranges::upper_bound(longest_, latency, std::ranges::greater());
    if (at == longest_.end()) return;
    std::move_backward(at, longest_.end() - 1, longest_.end());
    *at = latency;
  }
  std::size_t count() const noexcept { return count_; }
  bool is_full() const noexcept { return count_ >= size; }
  void clear() noexcept { *this = {}; }

  // What all of them but the exceptions keep; 0 as long as there are no others.
  std::chrono::microseconds latency() const noexcept { return longest_.back(); }

 private:
  std::array<std::chrono::microseconds, exceptions + 1> longest_{};  // the longest first
  std::size_t count_ = 0;
};

}  // namespace scanhost::store
