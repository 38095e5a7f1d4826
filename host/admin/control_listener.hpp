// SPDX-License-Identifier: Apache-2.0
//
// The file of the control socket: with mode 0600, in the place of one that a host left when it died, never in
// that of a running host.
#pragma once

#include <sys/types.h>

#include <filesystem>

#include "base/error.hpp"
#include "base/unique_fd.hpp"

namespace scanhost::admin {

class control_listener {
 public:
  // Listens at `path` from here on. Creates the folder if only that is missing.
  static base::result<control_listener> open(const std::filesystem::path& path);

  control_listener(control_listener&&) noexcept = default;
  control_listener& operator=(control_listener&&) = delete;
  ~control_listener();  // removes the file, unless it has been replaced

  // The listening descriptor, for another owner; the file is still removed by this.
  int release_descriptor() noexcept { return fd_.release(); }

 private:
  control_listener(std::filesystem::path path, base::unique_fd fd, dev_t device, ino_t inode) noexcept
      : path_(std::move(path)), fd_(std::move(fd)), device_(device), inode_(inode) {}

  std::filesystem::path path_;  // empty after a move
  base::unique_fd fd_;
  dev_t device_;
  ino_t inode_;
};

}  // namespace scanhost::admin
