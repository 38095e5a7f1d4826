// SPDX-License-Identifier: Apache-2.0
//
// The files that the settings name: reads them, and tells whether they have changed since.
#pragma once

#include <boost/system/result.hpp>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/file_identity.hpp"
#include "tls/settings.hpp"

namespace scanhost::tls {

// Something wrong with what a key of the settings names. No secrets.
struct file_problem {
  file_problem() = default;
  // Not an aggregate: a single text would convert to it, and then to a result of a text too.
  file_problem(std::string name, std::string text) : key(std::move(name)), message(std::move(text)) {}

  std::string key;  // "ca_file"
  std::string message;
};

template <class Value>
using file_result = boost::system::result<Value, file_problem>;

// A state of the files: two that are equal mean that nothing was written, replaced, added or removed.
using file_stamps = std::vector<std::pair<std::filesystem::path, std::optional<base::file_identity>>>;

file_stamps take_stamps(const settings& settings);

// The files of a folder whose names do not begin with a dot, sorted.
std::vector<std::filesystem::path> files_in(const std::filesystem::path& folder);

// The text of a regular file of at most 4 MiB; `key`: the key that names it. Refused as well: a file that
// everybody may write to.
file_result<std::string> read_pem(const char* key, const std::filesystem::path& file);

// Whether everybody may read a file.
bool is_readable_by_everybody(const std::filesystem::path& file);

}  // namespace scanhost::tls
