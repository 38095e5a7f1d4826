// SPDX-License-Identifier: Apache-2.0
//
// The outcomes of one batch whose commands went to several nodes, or to one after another. It keeps the parts
// alive, so that no reply is copied. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "store/protocol/reply_batch.hpp"

namespace scanhost::store {

class joined_batch final : public reply_batch {
 public:
  // All commands are open. Precondition: count >= 1.
  explicit joined_batch(std::size_t count);
  joined_batch(const joined_batch&) = delete;
  joined_batch& operator=(const joined_batch&) = delete;

  const scanhost_replies* raw() const noexcept override { return &raw_; }

  bool is_open(std::size_t index) const noexcept;
  // An outcome of a part, which has to be kept, too.
  void take(std::size_t index, const scanhost_outcome& outcome) noexcept { outcomes_[index] = outcome; }
  void keep(std::unique_ptr<reply_batch> part) { parts_.push_back(std::move(part)); }

  // Without a reply. The message is copied.
  void settle(std::size_t index, std::int32_t kind, std::string_view message);
  void settle_open(std::int32_t kind, std::string_view message);

 private:
  std::vector<scanhost_outcome> outcomes_;
  std::vector<std::unique_ptr<reply_batch>> parts_;
  std::deque<std::string> messages_;
  scanhost_replies raw_;
};

}  // namespace scanhost::store
