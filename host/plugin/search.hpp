// SPDX-License-Identifier: Apache-2.0
//
// Which files of the plugin folders are inspected, and the rules between the plugins in them.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "plugin/catalogue.hpp"

namespace scanhost::plugin {

// The *.so files of the folders, folder by folder, by name within one; only those of these names, if there
// are any. A file that is reached twice (a folder given twice, a symbolic link) counts once.
std::vector<std::filesystem::path> plugin_files(const std::vector<std::filesystem::path>& folders,
                                                const std::vector<std::string>& names);

// Collects plugins in the order in which they are found; the first found wins.
class collector {
 public:
  // `names`: the plugins that are asked for; a plugin must then have the name of its file. Empty: all are
  // taken.
  explicit collector(std::vector<std::string> names) : names_(std::move(names)) {}

  void add(const std::filesystem::path& file, load_result<found_plugin> found);

  // Refuses the names that no file was found for, and returns everything.
  catalogue finish(const std::vector<std::filesystem::path>& folders) &&;

 private:
  std::optional<load_error> conflict(const found_plugin& found) const;
  std::optional<load_error> other_name(const found_plugin& found) const;
  std::optional<load_error> same_name(const found_plugin& found) const;

  std::vector<std::string> names_;
  catalogue catalogue_;
};

}  // namespace scanhost::plugin
