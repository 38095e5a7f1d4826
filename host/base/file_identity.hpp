// SPDX-License-Identifier: Apache-2.0
//
// Identifies a file and a state of it.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <filesystem>
#include <optional>

namespace scanhost::base {

struct file_identity {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::int64_t size = 0;
  std::int64_t modified = 0;  // ns, and so is the next
  std::int64_t changed = 0;
  bool operator==(const file_identity&) const = default;

  // Nothing was written between the two. A rename or a chmod, which also sets `changed`, does not
  // matter.
  bool same_content(const file_identity& other) const noexcept {
    return size == other.size && modified == other.modified;
  }
};

inline file_identity identity_of(const struct stat& status) noexcept {
  const auto in_ns = [](const timespec& time) {
    return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
  };
  return {status.st_dev, status.st_ino, status.st_size, in_ns(status.st_mtim), in_ns(status.st_ctim)};
}

// Of the file that the path leads to. None: there is no such file.
inline std::optional<file_identity> identify(const std::filesystem::path& file) noexcept {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) return std::nullopt;
  return identity_of(status);
}

// Of an open file.
inline std::optional<file_identity> identify(int fd) noexcept {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return std::nullopt;
  return identity_of(status);
}

}  // namespace scanhost::base
