// SPDX-License-Identifier: Apache-2.0
//
// The outcomes of one batch with the memory that its replies are parsed into: one arena that is freed as a
// whole, so that a reply is parsed once and never copied.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <span>
#include <string_view>

#include "scanhost/store.h"
#include "store/protocol/outcome.hpp"
#include "store/protocol/reply_batch.hpp"

namespace scanhost::store {

class batch final : public reply_batch {
 public:
  // Precondition: count >= 1. All commands are open.
  explicit batch(std::size_t count);
  batch(const batch&) = delete;
  batch& operator=(const batch&) = delete;

  // A thread keeps the memory of some batches for the next: a cycle takes one for each partition, many at
  // once.
  static void* operator new(std::size_t size);
  static void operator delete(void* memory) noexcept;

  const scanhost_replies* raw() const noexcept override { return &raw_; }
  bool unsent() const noexcept override { return unsent_; }
  void mark_unsent() noexcept { unsent_ = true; }
  std::span<const scanhost_outcome> outcomes() const noexcept { return outcomes_; }

  // Where to build the replies of this batch.
  std::pmr::memory_resource& memory() noexcept { return memory_; }

  // Ends the first open command with `reply`, which was built in memory().
  // Precondition: there is an open one.
  void answer(const scanhost_reply& reply);

  // The next command that answer() ends. Precondition: there is an open one.
  std::size_t next_open() noexcept;

  // Opens commands again that were answered; nothing behind the first of them is ended otherwise.
  void reopen(std::span<const std::size_t> indexes) noexcept;

  // Ends one open command without a reply. The message is copied.
  void settle(std::size_t index, std::int32_t kind, std::string_view message);

  // Ends the first open command without a reply, if there is one. The message is copied.
  void settle_next(std::int32_t kind, std::string_view message);

  // Ends all open commands without a reply. The message is copied once.
  void settle_open(std::int32_t kind, std::string_view message);

 private:
  scanhost_string keep(std::string_view text);

  // Enough for a small batch with small replies, which then takes one allocation together with the object.
  static constexpr std::size_t own_room = 384;

  alignas(std::max_align_t) std::array<std::byte, own_room> room_;
  std::pmr::monotonic_buffer_resource memory_;
  std::span<scanhost_outcome> outcomes_;
  std::size_t next_ = 0;  // all before it are ended
  bool unsent_ = false;
  scanhost_replies raw_{};
};

// Adds the outcomes of a batch to `counts`.
void count_outcomes(const scanhost_replies& replies, outcome_counts& counts) noexcept;

}  // namespace scanhost::store
