// SPDX-License-Identifier: Apache-2.0
//
// A shared library that is open in this process.
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include "plugin/loader.hpp"

namespace scanhost::plugin {

using entry_function = const scanhost_plugin* (*)();

class shared_object {
 public:
  // Everything is bound at once, so that a missing symbol is found here and not in the middle of a scan.
  // `name` stands for the file in messages.
  static load_result<std::unique_ptr<shared_object>> open(const std::filesystem::path& file,
                                                          std::string_view name);

  virtual ~shared_object() = default;  // closes it, unless it is pinned
  virtual entry_function entry() const noexcept = 0;
  virtual void pin() noexcept = 0;
};

}  // namespace scanhost::plugin
