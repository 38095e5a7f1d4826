// SPDX-License-Identifier: Apache-2.0
//
// Watches folders of plugins and single files, and says which changed once they are whole
// (reload/settling.hpp). By inotify, which misses nothing on local disks; and by comparing every 10 s, which
// sees what inotify does not: changes behind symbolic links elsewhere, and those of other machines on a
// network mount.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"

namespace boost::asio {
class io_context;
}

namespace scanhost::reload {

struct watched {
  std::vector<std::filesystem::path> folders;  // their *.so; a folder that is not there is awaited
  std::vector<std::filesystem::path> files;    // a YAML file

  bool operator==(const watched&) const = default;
};

// Control thread.
class file_watch {
 public:
  static constexpr base::milliseconds compare_period{10'000};

  struct listener {
    // Files that changed, came or went, as folder / name: see whether they exist. Once for a burst.
    std::function<void(const std::set<std::filesystem::path>&)> changed;
    // Something cannot be watched by inotify; it is still compared. Once for each cause.
    std::function<void(const std::string&)> warn;
  };

  // Files that are there now count as known: make it before they are read, so that no change falls between.
  // Fails when the system gives no inotify handle.
  static base::result<std::unique_ptr<file_watch>> start(boost::asio::io_context& context,
                                                         const watched& what, listener callbacks,
                                                         base::milliseconds compare_every = compare_period);
  virtual ~file_watch() = default;

  // From now on watches these. Files of folders that were not watched before count as known.
  virtual void watch(const watched& what) = 0;

  // Compares everything now.
  virtual void look_again() = 0;
};

}  // namespace scanhost::reload
