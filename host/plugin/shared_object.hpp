// SPDX-License-Identifier: Apache-2.0
//
// A shared library that is open in this process. The only place that calls dlopen and dlclose.
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include "plugin/refusal.hpp"
#include "scanhost/plugin.h"

namespace scanhost::plugin {

using entry_function = const scanhost_plugin* (*)();

class shared_object {
 public:
  // Binds all symbols at once, so that a missing one is found here and not in the middle of a scan.
  // `name` stands for the file in messages.
  static load_result<std::unique_ptr<shared_object>> open(const std::filesystem::path& file,
                                                          std::string_view name);

  shared_object(void* handle, std::filesystem::path file) noexcept;
  ~shared_object();  // closes it; a pinned one stays mapped
  shared_object(const shared_object&) = delete;
  shared_object& operator=(const shared_object&) = delete;

  entry_function entry() const noexcept;
  void pin() noexcept;

 private:
  void* handle_;
  std::filesystem::path file_;
};

}  // namespace scanhost::plugin
