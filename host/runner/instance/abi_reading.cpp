// SPDX-License-Identifier: Apache-2.0
#include "runner/instance/abi_reading.hpp"

namespace scanhost::runner {

namespace {

bool is_text(scanhost_string text) noexcept { return text.data != nullptr || text.size == 0; }

const char* flaw_of(const scanhost_command& command) noexcept {
  if (command.args == nullptr || command.arg_count == 0) return "execute: a command has no arguments";
  if (command.arg_count > max_arguments) return "execute: a command has more than 1,048,576 arguments";
  for (std::size_t i = 0; i < command.arg_count; ++i)
    if (!is_text(command.args[i])) return "execute: an argument has a size but no address";
  if ((command.flags & ~std::uint32_t{SCANHOST_COMMAND_ACTS}) != 0)
    return "execute: a command has a flag that this host does not know";
  if (command.reserved != 0) return "execute: `reserved` of a command is not 0";
  if (!is_text(command.route)) return "execute: `route` of a command has a size but no address";
  if (!is_text(command.item)) return "execute: `item` of a command has a size but no address";
  return nullptr;
}

}  // namespace

const char* flaw_of(const scanhost_command* commands, std::size_t count, std::size_t stride) noexcept {
  if (commands == nullptr || count == 0) return "execute: there are no commands";
  if (count > max_commands) return "execute: there are more than 65,536 commands in one batch";
  constexpr auto min_size = offsetof(scanhost_command, route);
  if (stride < min_size || stride % alignof(scanhost_command) != 0)
    return "execute: the stride is not the size of a command";
  scanhost_command room;
  for (std::size_t i = 0; i < count; ++i) {
    const auto& raw = at_stride(commands, i, stride);
    if (raw.struct_size < min_size || raw.struct_size > stride)
      return "execute: `struct_size` of a command is not set, or is larger than the stride";
    if (const char* flaw = flaw_of(view_growing(raw, room))) return flaw;
  }
  return nullptr;
}

}  // namespace scanhost::runner
