// SPDX-License-Identifier: Apache-2.0
//
// Watches folders of plugins and single files, and reports which changed once they are complete
// (reload/settling.hpp). It uses inotify, which misses nothing on local disks, and compares every 10 s, which
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

struct watched_paths {
  std::vector<std::filesystem::path> folders;  // their *.so; a missing folder is waited for
  std::vector<std::filesystem::path> files;    // a YAML file

  bool operator==(const watched_paths&) const = default;
};

// Control thread, except where a comment says otherwise.
class file_watch {
 public:
  static constexpr base::milliseconds compare_period{10'000};

  struct listener {
    // Files that changed, came or went, as folder / name: see whether they exist. Once for a burst.
    std::function<void(const std::set<std::filesystem::path>&)> changed;
    // Something cannot be watched by inotify; it is still compared. Once for each cause.
    std::function<void(const std::string&)> warn;
  };

  // Files that are there now count as known: start it before they are read, so that no change falls between.
  // Fails when the system gives no inotify handle.
  static base::result<std::unique_ptr<file_watch>> start(boost::asio::io_context& context,
                                                         const watched_paths& paths, listener events,
                                                         base::milliseconds compare_every = compare_period);
  ~file_watch();

  // From now on watches these. Files of folders that were not watched before count as known.
  void watch(const watched_paths& paths);

  // Any thread. Soon watches the plugins of these folders; the single files stay.
  void follow(std::vector<std::filesystem::path> folders);

  // Compares everything now.
  void look_again();

 private:
  class watcher;  // keeps Asio out of this header
  explicit file_watch(std::unique_ptr<watcher> started);
  std::unique_ptr<watcher> watcher_;
};

}  // namespace scanhost::reload
