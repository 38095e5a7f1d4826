// SPDX-License-Identifier: Apache-2.0
//
// The memory of a generation: what its thread has allocated and not freed, the host's own share included. On
// the generation's thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "base/thread_costs.hpp"

namespace scanhost::runner {

class memory_meter {
 public:
  // None: this process does not count (base/thread_costs.hpp).
  std::optional<std::int64_t> bytes() const noexcept {
    const auto live = base::thread_memory();
    return live ? std::optional(std::max<std::int64_t>(*live - written_off_, 0)) : std::nullopt;
  }

  // What is in use from here on until close_instance() is the instance's.
  void open_instance() noexcept { before_instance_ = bytes(); }

  // The instance has ended. What it did not give back does not count for the next one; its size.
  std::int64_t close_instance() noexcept {
    const auto now = bytes();
    if (!now || !before_instance_) return 0;
    const auto kept = std::max<std::int64_t>(*now - *before_instance_, 0);
    written_off_ += kept;
    return kept;
  }

 private:
  std::optional<std::int64_t> before_instance_;
  std::int64_t written_off_ = 0;
};

}  // namespace scanhost::runner
