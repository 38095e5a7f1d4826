// SPDX-License-Identifier: Apache-2.0
#include "store/cluster/kept_commands.hpp"

#include <cstring>

#include "scanhost/detail/growing.hpp"

namespace scanhost::store {

kept_commands::kept_commands(const scanhost_command* commands, std::size_t count, std::size_t stride) {
  std::size_t bytes = 0, args = 0;
  commands_.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto& command =
        commands_.emplace_back(detail::read_growing(detail::at_stride(commands, i, stride)));
    bytes += command.route.size;
    args += command.arg_count;
    for (std::size_t k = 0; k < command.arg_count; ++k) bytes += command.args[k].size;
  }
  bytes_ = std::make_unique_for_overwrite<char[]>(bytes);
  end_ = bytes_.get();
  args_.reserve(args);
  for (auto& command : commands_) {
    const auto first = args_.size();
    for (std::size_t k = 0; k < command.arg_count; ++k) args_.push_back(keep(command.args[k]));
    command.struct_size = sizeof(scanhost_command);
    command.args = args_.data() + first;
    command.route = keep(command.route);
    command.item = {};
  }
}

scanhost_string kept_commands::keep(const scanhost_string& text) {
  if (text.size == 0) return {end_, 0};
  std::memcpy(end_, text.data, text.size);
  const scanhost_string copy{end_, text.size};
  end_ += text.size;
  return copy;
}

}  // namespace scanhost::store
