// SPDX-License-Identifier: Apache-2.0
#include "runner/instance/abi_reading.hpp"

namespace scanhost::runner {

namespace {

bool is_text(scanhost_string text) noexcept { return text.data != nullptr || text.size == 0; }

std::string_view problem_of(const scanhost_command& command) noexcept {
  if (command.arg_count == 0 || command.args == nullptr) return "a command has no arguments";
  if (command.arg_count > max_arguments) return "a command has more than a million arguments";
  for (std::size_t i = 0; i < command.arg_count; ++i)
    if (!is_text(command.args[i])) return "an argument has a size but no bytes";
  if (!is_text(command.route) || !is_text(command.item))
    return "a command's route or item has a size but no bytes";
  if ((command.flags & ~std::uint32_t{SCANHOST_COMMAND_ACTS}) != 0)
    return "a command has flags that this host does not know";
  return command.reserved == 0 ? std::string_view() : "a command's reserved field is not 0";
}

}  // namespace

std::string_view problem_of(const scanhost_command* commands, std::size_t count, std::size_t stride) noexcept {
  if (commands == nullptr || count == 0) return "there are no commands";
  if (count > max_commands) return "there are more than 65,536 commands";
  constexpr auto min_size = offsetof(scanhost_command, route);
  if (stride < min_size || stride % alignof(scanhost_command) != 0)
    return "the stride is not the size of a command";
  for (std::size_t i = 0; i < count; ++i) {
    const auto& raw = at_stride(commands, i, stride);
    if (raw.struct_size < min_size || raw.struct_size > stride)
      return "a command's struct_size is not the size of a command";
    if (const auto problem = problem_of(read_growing(raw)); !problem.empty()) return problem;
  }
  return {};
}

}  // namespace scanhost::runner
