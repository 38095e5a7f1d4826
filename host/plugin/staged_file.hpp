// SPDX-License-Identifier: Apache-2.0
//
// A private copy of a plugin's file: what happens to the original afterwards does not touch it.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "base/unique_fd.hpp"
#include "plugin/refusal.hpp"

namespace scanhost::plugin {

// A larger file is refused: 256 MiB.
inline constexpr std::uint64_t max_plugin_size = std::uint64_t{256} << 20;

// Opens a file for reading: missing_file or unreadable.
load_result<base::unique_fd> open_plugin_file(const std::filesystem::path& file);

class staged_file {
 public:
  // A full copy of an open file, never a link (a link has the same inode, and the loader would give the
  // same handle for it), under a name that was never used before. Without a folder the copy is in memory.
  // `name` stands for the source in messages and `stem` becomes part of the copy's name.
  static load_result<std::unique_ptr<staged_file>> copy(int source, const std::filesystem::path& folder,
                                                        const std::string& stem, const std::string& name);
  staged_file(base::unique_fd fd, std::filesystem::path path) noexcept
      : fd_(std::move(fd)), path_(std::move(path)) {}
  ~staged_file();  // removes the copy
  staged_file(const staged_file&) = delete;
  staged_file& operator=(const staged_file&) = delete;

  const std::filesystem::path& path() const noexcept { return path_; }  // empty: in memory
  int fd() const noexcept { return fd_.get(); }
  const std::string& sha256() const noexcept { return sha256_; }

 private:
  base::unique_fd fd_;
  std::filesystem::path path_;
  std::string sha256_;
};

}  // namespace scanhost::plugin
