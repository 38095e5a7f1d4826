// SPDX-License-Identifier: Apache-2.0
//
// A secret where a file holds it, such as the password of the store or a token of an operator: read again
// when the file has changed, so that secrets can be rotated while the host runs.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/file_identity.hpp"
#include "base/secret.hpp"
#include "config/secret_source.hpp"

namespace scanhost::config {

class secret_file {
 public:
  using reader = base::result<read_secret> (*)(const std::filesystem::path&);

  // `path` empty: the secret never changes. `known`: what the file held when the configuration was read.
  secret_file(std::filesystem::path path, base::secret known, reader read = &secret_from_file);

  bool exists() const noexcept { return !path_.empty(); }

  // Looks at the file, and reads it if it has changed. True: there is a new secret.
  bool refresh();

  const base::secret& value() const noexcept { return value_; }
  const std::filesystem::path& path() const noexcept { return path_; }

  // Why the file as it is now cannot be used; the secret before counts then. Empty: it can, or this is the
  // first look that says otherwise: it may be half written.
  const std::string& problem() const noexcept { return problem_; }

 private:
  void read_failed(std::string problem);

  std::filesystem::path path_;
  base::secret value_;
  reader read_;
  std::optional<base::file_identity> seen_;  // that the secret or the problem is of
  bool is_settled_ = false;                  // false: it is read again even if it looks the same
  bool failed_ = false;                      // the last time
  std::string problem_;
};

}  // namespace scanhost::config
