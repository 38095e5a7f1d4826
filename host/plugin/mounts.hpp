// SPDX-License-Identifier: Apache-2.0
//
// Which mount a folder is on, for messages about what may be done there.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace scanhost::plugin {

struct mount {
  std::filesystem::path point;
  std::string options;  // "rw,nosuid,noexec"
  std::string type;     // "tmpfs"
};

// The mount of an absolute path in the text of /proc/self/mountinfo: the last of those with the longest
// mount point, since a later one hides an earlier one.
std::optional<mount> find_mount(std::string_view mountinfo, const std::filesystem::path& path);

}  // namespace scanhost::plugin
