// SPDX-License-Identifier: Apache-2.0
//
// Decides when a changing file is complete. Pure: it is told what was noticed, is given a way to look at
// files, and returns those that have come to rest. A burst of events becomes one report.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "base/clock.hpp"
#include "base/file_identity.hpp"

namespace scanhost::reload {

class settling {
 public:
  using path = std::filesystem::path;
  using paths = std::set<path>;
  using look = std::function<std::optional<base::file_identity>(const path&)>;

  static constexpr base::milliseconds rest{200};  // a file that looked the same for this long is complete
  static constexpr base::milliseconds away{500};  // a file that was missing for this long is gone
  static constexpr base::milliseconds max_burst{1000};  // that a complete file waits for others
  static constexpr base::milliseconds period{50};       // between calls of settled() while busy()

  explicit settling(look look_at) : look_(std::move(look_at)) {}

  // The file counts as known in its present state, unless it is known already.
  void known(const path& file);
  void forget(const path& file);

  // Something happened to the file.
  void noticed(const path& file, base::steady_time now);

  // Something may have happened to it: it settles if it does not look as when it was last known or reported.
  void compare(const path& file, base::steady_time now);

  // The files that came to rest in another state than the one known or reported last, including those that
  // are gone; none while others of the same burst still settle. A file is never reported while it changes.
  paths settled(base::steady_time now);

  bool busy() const noexcept { return !unsettled_.empty() || !ready_.empty(); }

 private:
  struct state {
    std::optional<base::file_identity> seen;
    base::steady_time since;
  };
  bool is_at_rest(const path& file, state& progress, base::steady_time now);
  std::optional<base::file_identity> last_reported(const path& file) const;

  look look_;
  std::map<path, std::optional<base::file_identity>> reported_;
  std::map<path, state> unsettled_;
  std::map<path, std::optional<base::file_identity>> ready_;
  base::steady_time ready_since_{};
};

}  // namespace scanhost::reload
