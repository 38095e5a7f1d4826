// SPDX-License-Identifier: Apache-2.0
//
// A new plugin, from the SDK's templates (sdk/templates), which are built into this program.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/embedded_file.hpp"
#include "base/error.hpp"

namespace scanhost::scaffold {

struct file {
  std::string name;
  std::string text;
};

// sdk/templates: a folder for each language. Generated at build time.
std::span<const base::embedded_file> templates() noexcept;

std::vector<std::string> languages();

// Pure. An error: a name that no plugin can have, or a language without templates.
base::result<std::vector<file>> new_plugin(const std::string& name, const std::string& language);

// Creates the folder, or fills an empty one; never touches one that has anything in it. If it cannot finish,
// it removes what it wrote.
base::result<void> write(const std::vector<file>& files, const std::filesystem::path& folder);

}  // namespace scanhost::scaffold
