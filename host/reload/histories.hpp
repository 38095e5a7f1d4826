// SPDX-License-Identifier: Apache-2.0
//
// What became of the builds of each scanner, kept over restarts of the host: `history.json` in the place of
// the staging folders. A history belongs to a scanner's name; that of a scanner that was removed stays, for
// when it comes back, as long as no more than max_kept scanners have one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "reload/state_document.hpp"
#include "runner/record/status.hpp"

namespace scanhost::reload {

class histories {
 public:
  using changes = std::vector<runner::generation_change>;  // the oldest first
  static constexpr std::size_t max_kept = 200;

  // `warn` is called when the file cannot be parsed; the file is then moved aside, never deleted.
  histories(std::filesystem::path place, const std::filesystem::path& config_file,
            std::function<void(const std::string&)> warn);

  // --- any thread; the disk is not waited for

  // Empty: nothing is known of such a scanner.
  changes find(const std::string& scanner) const;
  // Takes what the scanners remember by now. Whether something of it is new.
  bool take(const std::vector<runner::scanner_status>& scanners);
  // Whether the file says something else.
  bool unsaved() const;

  // --- one thread at a time; these wait for the disk

  // An error: the file cannot be read, and the histories begin anew.
  base::result<void> load();
  // Everything that was taken before is on disk when it returns.
  base::result<void> save();

 private:
  void drop_oldest();

  const state_document document_;

  mutable std::mutex mutex_;
  std::map<std::string, changes> by_scanner_;
  std::uint64_t taken_ = 0;  // times that something was new
  std::uint64_t saved_ = 0;  // of these, what is on disk
};

}  // namespace scanhost::reload
