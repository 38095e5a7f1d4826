// SPDX-License-Identifier: Apache-2.0
//
// Files and folders for the tests of the loader.
#pragma once

#include <filesystem>
#include <string>

#include "support/files.hpp"

namespace scanhost::plugin::test {

inline std::filesystem::path broken(const std::string& name) {
  return std::filesystem::path(BROKEN_PLUGINS) / (name + ".so");
}

using test_support::contents;
using test_support::write;

// A folder that is removed with the object.
class temporary_folder : public test_support::temporary_folder {
 public:
  // Copies a plugin of the tests into this folder under the name `as`.
  std::filesystem::path put(const std::string& name, const std::string& as) const {
    auto target = path() / (as + ".so");
    std::filesystem::copy_file(broken(name), target, std::filesystem::copy_options::overwrite_existing);
    return target;
  }
};

}  // namespace scanhost::plugin::test
