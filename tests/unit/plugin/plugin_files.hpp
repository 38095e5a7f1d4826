// SPDX-License-Identifier: Apache-2.0
//
// Files and folders for the tests of the loader.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

namespace scanhost::plugin::test {

inline std::filesystem::path broken(const std::string& name) {
  return std::filesystem::path(BROKEN_PLUGINS) / (name + ".so");
}

inline std::string contents(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline void write(const std::filesystem::path& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
}

// A folder that goes with the object.
class temporary_folder {
 public:
  temporary_folder() {
    std::string name = (std::filesystem::temp_directory_path() / "scanhost-plugin-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = name;
  }
  ~temporary_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;

  const std::filesystem::path& path() const noexcept { return path_; }

  // Copies a plugin of the tests here, under the name `as`.
  std::filesystem::path put(const std::string& name, const std::string& as) const {
    auto target = path_ / (as + ".so");
    std::filesystem::copy_file(broken(name), target, std::filesystem::copy_options::overwrite_existing);
    return target;
  }

 private:
  std::filesystem::path path_;
};

}  // namespace scanhost::plugin::test
