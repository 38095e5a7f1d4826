// SPDX-License-Identifier: Apache-2.0
//
// A shared library that is open in this process. Boost.DLL opens and closes it (dlopen, dlclose), nowhere
// else; the reason of a failure is the dynamic loader's own text, since Boost.DLL has only codes.
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include "plugin/refusal.hpp"
#include "scanhost/plugin.h"

namespace boost::dll {
class shared_library;
}

namespace scanhost::plugin {

using entry_function = const scanhost_plugin* (*)();

class shared_object {
 public:
  // Binds all symbols at once, so that a missing one is found here and not in the middle of a scan.
  // `name` stands for the file in messages.
  static load_result<std::unique_ptr<shared_object>> open(const std::filesystem::path& file,
                                                          std::string_view name);

  shared_object(boost::dll::shared_library library, std::filesystem::path file);
  ~shared_object();  // closes it; a pinned one stays mapped
  shared_object(const shared_object&) = delete;
  shared_object& operator=(const shared_object&) = delete;

  entry_function entry() const noexcept;
  void pin() noexcept;

 private:
  std::unique_ptr<boost::dll::shared_library> library_;
  std::filesystem::path file_;
};

}  // namespace scanhost::plugin
