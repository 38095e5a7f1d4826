// SPDX-License-Identifier: Apache-2.0
//
// A Lua script of a plugin: what the opaque handle of the ABI (scanhost/store.h) points to.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "scanhost/store.h"

struct scanhost_script {
  std::string source;
  std::string sha1;  // 40 hexadecimal digits, as EVALSHA takes them
};

namespace scanhost::store {

// Precondition: the source is not empty.
std::unique_ptr<scanhost_script> make_script(std::string_view source);

// The script that a command runs; null: none.
inline const scanhost_script* script_of(const scanhost_command& command) noexcept {
  constexpr auto end = offsetof(scanhost_command, item_count);  // the member behind it
  return command.struct_size >= end ? command.script : nullptr;
}

}  // namespace scanhost::store
