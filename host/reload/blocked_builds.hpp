// SPDX-License-Identifier: Apache-2.0
//
// Builds that must not be used until an operator releases them, and how often in a row each build crashed its
// host. They are kept in `blocked.json` in the place of the staging folders, which several hosts may share:
// each call reads the file again, and each change is made under a lock and takes effect whole or not at all.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/error.hpp"

namespace scanhost::reload {

struct blocked_build {
  std::string sha256;
  std::string scanner;  // that ran it
  std::string plugin;
  std::string reason;
  base::timestamp since{};  // whole seconds; the epoch in block(): now
};

// Control thread; waits for the disk.
class blocked_builds {
 public:
  // `place` is the folder that holds the folders of the hosts. `warn` is called when the file cannot be
  // parsed; the file is then moved aside, never deleted.
  blocked_builds(std::filesystem::path place, std::function<void(const std::string&)> warn);

  // Blocks the build. A build that is blocked already keeps its first reason.
  base::result<void> block(const blocked_build& build);

  // Releases the build with that hash, or with the only hash that begins with it (8 digits at least), and
  // forgets its crashes. Returns what was blocked.
  base::result<blocked_build> release(std::string_view hash);

  // None: the build may be used.
  base::result<std::optional<blocked_build>> find(std::string_view sha256);

  base::result<std::map<std::string, blocked_build>> list();

  // The build crashed its host once more. After `limit` times in a row (0: never) it is blocked;
  // `build.reason` says how it crashed the last time. Returns whether it is blocked now.
  base::result<bool> crashed(const blocked_build& build, std::uint32_t limit);

  // The build ran and was stopped properly, so earlier crashes no longer count.
  base::result<void> ran_well(std::string_view sha256);

 private:
  struct contents;
  base::result<contents> read() const;
  base::result<void> write(const contents& builds) const;
  // Reads, calls `edit`, and writes if that returns true; under the lock.
  base::result<void> change(const std::function<bool(contents&)>& edit);

  std::filesystem::path place_;
  std::function<void(const std::string&)> warn_;
};

}  // namespace scanhost::reload
