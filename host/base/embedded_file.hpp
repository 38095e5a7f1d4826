// SPDX-License-Identifier: Apache-2.0
//
// A file of the source tree that is built into the program (scanhost_embed in host/CMakeLists.txt).
#pragma once

#include <string_view>

namespace scanhost::base {

struct embedded_file {
  std::string_view path;  // from the folder that was embedded: "cpp/CMakeLists.txt"
  std::string_view text;
};

}  // namespace scanhost::base
