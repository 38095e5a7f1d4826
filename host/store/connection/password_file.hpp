// SPDX-License-Identifier: Apache-2.0
//
// A password of the store or of its Sentinels where a file holds it: read again when the file has changed, so
// that passwords can be rotated while the host runs.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/file_identity.hpp"
#include "base/secret.hpp"

namespace scanhost::store {

class password_file {
 public:
  // `path` empty: the password never changes. `known`: what the file held when the configuration was read.
  password_file(std::filesystem::path path, base::secret known);

  bool exists() const noexcept { return !path_.empty(); }

  // Looks at the file, and reads it if it has changed. True: there is a new password.
  bool refresh();

  const base::secret& password() const noexcept { return password_; }
  const std::filesystem::path& path() const noexcept { return path_; }

  // Why the file as it is now cannot be used; the password before counts then. Empty: it can, or this is the
  // first look that says otherwise: it may be half written.
  const std::string& problem() const noexcept { return problem_; }

 private:
  void read_failed(std::string problem);

  std::filesystem::path path_;
  base::secret password_;
  std::optional<base::file_identity> seen_;  // that the password or the problem is of
  bool is_settled_ = false;                  // false: it is read again even if it looks the same
  bool failed_ = false;                      // the last time
  std::string problem_;
};

}  // namespace scanhost::store
