// SPDX-License-Identifier: Apache-2.0
//
// Opens a staged copy in this process and checks it again.
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include "plugin/elf.hpp"
#include "plugin/loader.hpp"
#include "plugin/staged_file.hpp"

namespace scanhost::plugin {

// `name` stands for the file in messages; the copy must be in a folder.
load_result<std::unique_ptr<library>> open_library(std::unique_ptr<staged_file> copy, const elf_rules& rules,
                                                   std::string_view name);

}  // namespace scanhost::plugin
