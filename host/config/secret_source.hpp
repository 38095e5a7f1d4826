// SPDX-License-Identifier: Apache-2.0
//
// A secret from a file or the environment. No message repeats any of it.
#pragma once

#include <boost/system/result.hpp>
#include <filesystem>
#include <string>

#include "base/secret.hpp"
#include "config/fault.hpp"

namespace scanhost::config {

struct read_secret {
  base::secret value;
  std::string warning;  // empty: nothing to say
};

// The file's text without the newline at its end. Refused: what cannot be read, is no regular file, is
// empty or longer than 64 KiB, or can be written by everybody.
boost::system::result<read_secret, fault> secret_from_file(const std::filesystem::path& file);

boost::system::result<read_secret, fault> secret_from_environment(const std::string& variable);

}  // namespace scanhost::config
