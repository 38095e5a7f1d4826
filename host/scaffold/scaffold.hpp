// SPDX-License-Identifier: Apache-2.0
//
// A new plugin, from the SDK's templates (sdk/templates), which are part of this program.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace scanhost::scaffold {

struct file {
  std::string name;
  std::string text;
};

struct source {
  std::string_view language;
  std::string_view name;
  std::string_view text;
};
std::span<const source> templates() noexcept;  // made by embed.cmake

std::vector<std::string> languages();

// Pure. An error: a name that no plugin can have, or a language without templates.
base::result<std::vector<file>> new_plugin(const std::string& name, const std::string& language);

// Makes the folder, or fills an empty one; never touches one with anything in it. What it wrote goes again
// when it cannot be finished.
base::result<void> write(const std::vector<file>& files, const std::filesystem::path& folder);

}  // namespace scanhost::scaffold
