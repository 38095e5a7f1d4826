// SPDX-License-Identifier: Apache-2.0
//
// What is wrong with the commands that a plugin hands over.
#pragma once

#include <cstddef>
#include <string_view>

#include "scanhost/detail/growing.hpp"
#include "scanhost/store.h"

namespace scanhost::runner {

using detail::at_stride;
using detail::read_growing;
using detail::view_growing;

// More than any sane batch: a wrong count shows up here instead of as a crash.
inline constexpr std::size_t max_commands = 1u << 16;
inline constexpr std::size_t max_arguments = 1u << 20;

// Why `execute` may not take the batch, for the plugin's author; null: it may.
const char* flaw_of(const scanhost_command* commands, std::size_t count, std::size_t stride) noexcept;

}  // namespace scanhost::runner
