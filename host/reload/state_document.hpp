// SPDX-License-Identifier: Apache-2.0
//
// A JSON file in the place of the staging folders. Several hosts may share the place: each has a part of its
// own in the file, by its configuration file, and leaves those of the others as they are.
//
// Used by one thread at a time; waits for the disk, and for the lock of the place.
#pragma once

#include <filesystem>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace scanhost::reload {

class state_document {
 public:
  // `name`: of the file. A file that cannot be parsed is moved aside, never deleted; `warn` is then called
  // with a sentence that ends in `consequence`.
  state_document(std::filesystem::path place, std::string_view name, const std::filesystem::path& config_file,
                 std::string consequence, std::function<void(const std::string&)> warn);

  // Calls `take` with the part of this host; not if there is none. An nlohmann::json exception of `take`
  // means that the part cannot be parsed. An error: the file cannot be read or moved aside.
  base::result<void> load(const std::function<void(const nlohmann::ordered_json&)>& take) const;

  // `part`: an object; empty: the host has no part from then on. It is on disk when this returns.
  base::result<void> save(const nlohmann::ordered_json& part) const;

 private:
  struct content;  // what the file says, the parts of other hosts included
  base::result<content> read() const;
  base::result<void> move_aside(std::string_view problem) const;

  const std::filesystem::path place_;
  const std::filesystem::path file_;
  const std::string config_file_;
  const std::string consequence_;
  const std::function<void(const std::string&)> warn_;
};

}  // namespace scanhost::reload
