// SPDX-License-Identifier: Apache-2.0
#include "runner/instance/abi_reading.hpp"

namespace scanhost::runner {

namespace {

bool well_formed(scanhost_string text) noexcept { return text.data != nullptr || text.size == 0; }

bool well_formed(const scanhost_command& command) noexcept {
  if (command.arg_count == 0 || command.arg_count > max_arguments || command.args == nullptr) return false;
  for (std::size_t i = 0; i < command.arg_count; ++i)
    if (!well_formed(command.args[i])) return false;
  if ((command.flags & ~std::uint32_t{SCANHOST_COMMAND_ACTS}) != 0 || command.reserved != 0) return false;
  if (command.script != nullptr) return false;
  return well_formed(command.route) && well_formed(command.item);
}

}  // namespace

bool well_formed(const scanhost_command* commands, std::size_t count, std::size_t stride) noexcept {
  if (commands == nullptr || count == 0 || count > max_commands) return false;
  constexpr auto min_size = offsetof(scanhost_command, route);
  if (stride < min_size || stride % alignof(scanhost_command) != 0) return false;
  for (std::size_t i = 0; i < count; ++i) {
    const auto& raw = at_stride(commands, i, stride);
    if (raw.struct_size < min_size || raw.struct_size > stride) return false;
    if (!well_formed(read_growing(raw))) return false;
  }
  return true;
}

}  // namespace scanhost::runner
