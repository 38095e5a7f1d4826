// SPDX-License-Identifier: Apache-2.0
//
// Reads a secret from a file or the environment. No message repeats any of it.
#pragma once

#include <filesystem>
#include <string>

#include "base/error.hpp"
#include "base/secret.hpp"

namespace scanhost::config {

struct read_secret {
  base::secret value;
  std::string warning;  // empty: none
};

// The text of a regular file without the newline at its end. Refused: a file that is empty, longer than 64
// KiB, or writable by everybody.
base::result<read_secret> secret_from_file(const std::filesystem::path& file);

// The same for a token of the admin server, which goes into a header of HTTP: refused as well if it is
// shorter than 16 characters or has others than visible ones of ASCII.
base::result<read_secret> token_from_file(const std::filesystem::path& file);

base::result<read_secret> secret_from_environment(const std::string& variable);

// "secrets do not belong in this file; use password_file or password_env"
std::string advise_on_secret(const std::string& name);

}  // namespace scanhost::config
