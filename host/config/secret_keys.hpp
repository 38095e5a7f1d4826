// SPDX-License-Identifier: Apache-2.0
//
// The keys of a map that name a secret: `<name>_file` or `<name>_env`, never `<name>`.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "base/secret.hpp"
#include "config/diagnostics.hpp"
#include "config/secret_source.hpp"
#include "config/yaml_tree.hpp"

namespace scanhost::config {

class secret_keys {
 public:
  // Relative paths are below `folder`.
  explicit secret_keys(std::filesystem::path folder) : folder_(std::move(folder)) {}

  // The secret that `map` names; nothing: it names none or, with a problem, it cannot be read. `path` is that
  // of the map, which may be null. A source that was read before is not read again, so that one document
  // always gives the same values.
  std::optional<base::secret> read(const node* map, const std::string& path, const std::string& name,
                                   diagnostics& diagnostics);

  // The file that `map` names for the secret; empty: none.
  std::filesystem::path file_of(const node* map, const std::string& name) const;

 private:
  base::result<read_secret> read_once(bool from_file, const std::string& source);

  std::filesystem::path folder_;
  std::map<std::pair<bool, std::string>, read_secret> known_;  // by whether it is a file, and its name
};

}  // namespace scanhost::config
