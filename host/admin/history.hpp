// SPDX-License-Identifier: Apache-2.0
//
// The last hour of each scanner, for the charts of the page: a point every 15 s, in bounded memory. It begins
// with the host, and the series of a scanner ends with the scanner. Pure.
//
// Threads: the control thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/observation.hpp"
#include "base/clock.hpp"
#include "runner/record/item_counts.hpp"

namespace scanhost::admin {

class history {
 public:
  static constexpr base::milliseconds step = std::chrono::seconds(15);
  static constexpr std::size_t max_points = std::chrono::hours(1) / step;
  static constexpr std::size_t trend_points = std::chrono::minutes(2) / step + 1;

  // What is not known has no value. Rates and lateness are of the time since the point before, so a scanner's
  // first point has none.
  struct point {
    std::optional<double> processed_per_second;
    std::optional<double> unchanged_per_second;
    std::optional<double> errors_per_second;
    std::optional<base::milliseconds> lateness_p99;  // none, too, when nothing was acted on
    std::optional<std::uint64_t> backlog;
    std::optional<base::milliseconds> oldest_overdue;
  };
  using points = std::deque<point>;

  // Whether it is time for the next point.
  bool is_due(base::steady_time now) const noexcept { return !next_ || now >= *next_; }
  // A point of each scanner. `scanners`: all that there are; `at`: the same moment as `now`.
  void add(const std::vector<observation>& scanners, base::steady_time now, base::timestamp at);

  // When the points were added, the oldest first.
  const std::deque<base::timestamp>& moments() const noexcept { return moments_; }
  // By scanner; the last point belongs to the last moment, the one before it to the moment before, and so on.
  const std::map<std::string, points, std::less<>>& scanners() const noexcept { return points_; }

  // How long it takes until nothing waits, if the backlog goes on falling as it did in the last two minutes.
  // None: it does not fall, or has not been known for at least two steps.
  std::optional<base::milliseconds> backlog_clears_in(std::string_view scanner) const;

  // The highest of the last two minutes. None: nothing was acted on.
  std::optional<base::milliseconds> lateness_p99(std::string_view scanner) const;

 private:
  void schedule(base::steady_time now);
  void end_series(const std::vector<observation>& scanners);

  std::optional<base::steady_time> next_;
  std::optional<base::steady_time> latest_;
  std::deque<base::timestamp> moments_;
  std::map<std::string, points, std::less<>> points_;
  std::map<std::string, observation, std::less<>> before_;
};

}  // namespace scanhost::admin
