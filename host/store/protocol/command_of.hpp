// SPDX-License-Identifier: Apache-2.0
//
// A command of the host's own.
#pragma once

#include <span>

#include "scanhost/store.h"

namespace scanhost::store {

// Refers to the words, which have to outlive it.
inline scanhost_command command_of(std::span<const scanhost_string> words) noexcept {
  return {sizeof(scanhost_command), 0, words.data(), words.size(), {}, {}, 0, nullptr, 0, 0};
}

}  // namespace scanhost::store
