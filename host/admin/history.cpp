// SPDX-License-Identifier: Apache-2.0
#include "admin/history.hpp"

#include <algorithm>
#include <utility>

#include "metrics/quantile.hpp"

namespace scanhost::admin {
namespace {

using exact_seconds = std::chrono::duration<double>;

// The counts of a scanner that was removed and added again begin at 0.
std::uint64_t increase(std::uint64_t now, std::uint64_t before) { return now >= before ? now - before : now; }

double rate(std::uint64_t now, std::uint64_t before, exact_seconds elapsed) {
  return static_cast<double>(increase(now, before)) / elapsed.count();
}

std::optional<base::milliseconds> lateness_p99(const std::vector<std::uint64_t>& now,
                                               const std::vector<std::uint64_t>& before) {
  auto counts = now;
  for (std::size_t i = 0; i < std::min(counts.size(), before.size()); ++i)
    counts[i] = increase(counts[i], before[i]);
  const auto value = metrics::quantile(0.99, metrics::lateness_bounds(), counts);
  if (!value) return std::nullopt;
  return std::chrono::round<base::milliseconds>(exact_seconds(*value));
}

template <class Value>
void append(std::deque<Value>& latest, Value value) {
  latest.push_back(std::move(value));
  if (latest.size() > history::max_points) latest.pop_front();
}

history::point point_of(const observation& now, const observation* before, exact_seconds elapsed) {
  history::point created;
  created.backlog = now.backlog;
  created.oldest_overdue = now.oldest_overdue;
  if (before == nullptr || elapsed <= exact_seconds::zero()) return created;
  created.processed_per_second = rate(now.totals.processed, before->totals.processed, elapsed);
  created.unchanged_per_second = rate(now.totals.unchanged, before->totals.unchanged, elapsed);
  created.errors_per_second = rate(now.totals.errors, before->totals.errors, elapsed);
  created.lateness_p99 = lateness_p99(now.lateness, before->lateness);
  return created;
}

}  // namespace

void history::add(const std::vector<observation>& scanners, base::steady_time now, base::timestamp at) {
  schedule(now);
  end_series(scanners);
  const auto elapsed = latest_ ? now - *latest_ : base::steady::duration::zero();
  for (const auto& scanner : scanners) {
    const auto before = before_.find(scanner.scanner);
    append(points_[scanner.scanner],
           point_of(scanner, before == before_.end() ? nullptr : &before->second, elapsed));
    before_.insert_or_assign(scanner.scanner, scanner);
  }
  append(moments_, at);
  latest_ = now;
}

std::optional<base::milliseconds> history::backlog_clears_in(std::string_view scanner) const {
  constexpr std::size_t min_steps = 2;
  const auto found = points_.find(scanner);
  if (found == points_.end() || !found->second.back().backlog) return std::nullopt;
  const auto& points = found->second;
  auto steps = std::min(points.size(), trend_points) - 1;
  while (steps >= min_steps && !points[points.size() - 1 - steps].backlog) --steps;
  if (steps < min_steps) return std::nullopt;
  const auto left = *points.back().backlog, before = *points[points.size() - 1 - steps].backlog;
  const auto elapsed = moments_.back() - moments_[moments_.size() - 1 - steps];
  if (left == 0) return base::milliseconds(0);
  if (left >= before || elapsed <= base::milliseconds(0)) return std::nullopt;
  const std::chrono::duration<double, std::milli> span = elapsed;
  return std::chrono::round<base::milliseconds>(
      span * (static_cast<double>(left) / static_cast<double>(before - left)));
}

std::optional<base::milliseconds> history::lateness_p99(std::string_view scanner) const {
  const auto found = points_.find(scanner);
  if (found == points_.end()) return std::nullopt;
  std::optional<base::milliseconds> highest;
  const auto& points = found->second;
  for (auto at = points.size() - std::min(points.size(), trend_points - 1); at < points.size(); ++at)
    highest = std::max(highest, points[at].lateness_p99);
  return highest;
}

// The steps do not drift, and none is made up for: after a time without points there is a gap.
void history::schedule(base::steady_time now) {
  next_ = next_.value_or(now) + step;
  if (*next_ <= now) next_ = now + step;
}

void history::end_series(const std::vector<observation>& scanners) {
  const auto is_over = [&](const auto& entry) {
    return std::ranges::none_of(scanners, [&](const auto& there) { return there.scanner == entry.first; });
  };
  std::erase_if(points_, is_over);
  std::erase_if(before_, is_over);
}

}  // namespace scanhost::admin
