// SPDX-License-Identifier: Apache-2.0
//
// The kernel's notices about folders, as values.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string_view>

#include "base/error.hpp"
#include "base/unique_fd.hpp"

namespace scanhost::reload {

// Notices files of folders that are created, closed after writing, moved, removed, or changed in owner or
// mode; and the end of a folder.
class inotify {
 public:
  struct event {
    int watch;              // -1: all of them
    std::uint32_t mask;     // IN_*
    std::string_view name;  // of the file in the folder; empty: the folder itself
  };

  // Fails if the user has too many handles.
  static base::result<inotify> open();
  explicit inotify(base::unique_fd fd) noexcept : fd_(std::move(fd)) {}

  int fd() const noexcept { return fd_.get(); }

  // The watch of the folder that the path leads to, the same for the same folder; an errno otherwise.
  boost::system::result<int, int> add(const std::filesystem::path& folder) noexcept;
  void remove(int watch) noexcept;

  // Calls `take` with each event that has arrived, without waiting. False: there may be more.
  bool read(const std::function<void(const event&)>& take);

 private:
  base::unique_fd fd_;
};

}  // namespace scanhost::reload
