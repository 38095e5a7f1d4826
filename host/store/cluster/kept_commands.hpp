// SPDX-License-Identifier: Apache-2.0
//
// A copy of a batch of commands, so that it can be sent later or again. Pure.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "scanhost/store.h"

namespace scanhost::store {

class kept_commands {
 public:
  // Copies the arguments and routes; scripts are pointed to.
  kept_commands(const scanhost_command* commands, std::size_t count, std::size_t stride);

  std::span<const scanhost_command> all() const noexcept { return commands_; }

 private:
  scanhost_string keep(const scanhost_string& text);

  std::unique_ptr<char[]> bytes_;
  char* end_ = nullptr;  // of what is used of them
  std::vector<scanhost_string> args_;
  std::vector<scanhost_command> commands_;
};

}  // namespace scanhost::store
