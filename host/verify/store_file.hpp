// SPDX-License-Identifier: Apache-2.0
//
// A file of commands that fill the store of the checks, one a line, as redis-cli reads them.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace scanhost::verify {

using store_commands = std::vector<std::vector<std::string>>;  // words

// Empty lines and those that begin with # are skipped. An error names the line: quotes that do not match, and
// a command that the model of a store refuses or does not know.
base::result<store_commands> parse_store_commands(std::string_view text);

// The same of a file, whose name the error has too.
base::result<store_commands> read_store_file(const std::filesystem::path& file);

}  // namespace scanhost::verify
