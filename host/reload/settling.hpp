// SPDX-License-Identifier: Apache-2.0
//
// When is a file that changes whole? Pure: told what was noticed and given a way to look at files, it says
// which have come to rest. A burst of events becomes one report.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "base/clock.hpp"

namespace scanhost::reload {

// What tells one state of a file from another, of the file that the path leads to. Times in ns.
struct file_identity {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::int64_t size = 0;
  std::int64_t modified = 0;
  std::int64_t changed = 0;
  bool operator==(const file_identity&) const = default;
};

// None: there is no such file.
std::optional<file_identity> identify(const std::filesystem::path& file);

class settling {
 public:
  using path = std::filesystem::path;
  using paths = std::set<path>;
  using look = std::function<std::optional<file_identity>(const path&)>;

  static constexpr base::milliseconds rest{200};        // a file that looked the same for so long is whole,
  static constexpr base::milliseconds away{500};        // and one that was away for so long is gone
  static constexpr base::milliseconds max_burst{1000};  // that a whole file waits for others
  static constexpr base::milliseconds period{50};       // between calls of settled() while busy()

  explicit settling(look at) : look_(std::move(at)) {}

  // The file is to be taken as it is now; what was known of it already stays.
  void known(const path& file);
  void forget(const path& file);

  // Something happened to the file.
  void noticed(const path& file, base::steady_time now);

  // Something may have happened to it: it settles if it does not look as when it was last known or reported.
  void compare(const path& file, base::steady_time now);

  // The files that came to rest in another state than the last known or reported one, those that are gone
  // included; none as long as others of the same burst still settle. A file is never reported while it
  // changes.
  paths settled(base::steady_time now);

  bool busy() const noexcept { return !unsettled_.empty() || !ready_.empty(); }

 private:
  struct state {
    std::optional<file_identity> seen;
    base::steady_time since;
  };
  bool at_rest(std::pair<const path, state>& entry, base::steady_time now);
  std::optional<file_identity> last_reported(const path& file) const;

  look look_;
  std::map<path, std::optional<file_identity>> reported_;
  std::map<path, state> unsettled_;
  std::map<path, std::optional<file_identity>> ready_;
  base::steady_time ready_since_{};
};

}  // namespace scanhost::reload
