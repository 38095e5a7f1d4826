// SPDX-License-Identifier: Apache-2.0
#include "commands/paths.hpp"

#include <system_error>

namespace scanhost::commands {

std::filesystem::path own_program() {
  std::error_code problem;
  auto program = std::filesystem::read_symlink("/proc/self/exe", problem);
  return problem ? std::filesystem::path("scanhost") : program;
}

std::vector<std::filesystem::path> bundled_plugin_folders() {
  const auto root = own_program().parent_path().parent_path();
  std::vector<std::filesystem::path> found;
  for (const auto& folder : {root / "plugins", root / "lib" / "scanhost" / "plugins"}) {
    std::error_code problem;
    if (std::filesystem::is_directory(folder, problem)) found.push_back(folder);
  }
  return found;
}

}  // namespace scanhost::commands
