// SPDX-License-Identifier: Apache-2.0
//
// The items that a scan would have acted on, in a dry run: each once. Pure.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "scanhost/store.h"
#include "scanhost/text.hpp"

namespace scanhost::runner {

class held_items {
 public:
  // A command that acts. One without an item stands for itself.
  void add(const scanhost_command& command) {
    const auto item = view(command.item);
    std::size_t hash = item.size();
    const auto mix = [&hash](std::string_view text) {
      hash = hash * 31 + std::hash<std::string_view>()(text);
    };
    mix(item);
    for (std::size_t i = 0; item.empty() && i < command.arg_count; ++i) mix(view(command.args[i]));
    if (seen_.insert(hash).second) new_ += std::max(command.item_count, 1u);
  }

  // How many are new since the last call.
  std::uint32_t take_new() noexcept { return std::exchange(new_, 0); }

  void reset() noexcept {
    if (!seen_.empty()) seen_.clear();
    new_ = 0;
  }

 private:
  std::unordered_set<std::size_t> seen_;  // hashes
  std::uint32_t new_ = 0;
};

}  // namespace scanhost::runner
