// SPDX-License-Identifier: Apache-2.0
//
// What a batch of commands comes back as, in the structs of the plugin ABI.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "scanhost/store.h"

namespace scanhost::store {

inline constexpr std::string_view cancelled_text = "the scan was cancelled";  // of an outcome CANCELLED

// The outcomes of one batch and the memory behind them. `raw()` stays valid as long as this object.
class reply_batch {
 public:
  virtual ~reply_batch() = default;
  virtual const scanhost_replies* raw() const noexcept = 0;
  // None of its commands has left, so they may be sent elsewhere. Their outcomes say why.
  virtual bool unsent() const noexcept { return false; }
};

// Called once, later, never from inside execute().
using on_complete = std::function<void(std::unique_ptr<reply_batch>)>;

// Identifies a batch that is in flight.
using ticket = std::uint64_t;

}  // namespace scanhost::store
