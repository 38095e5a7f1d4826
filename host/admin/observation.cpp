// SPDX-License-Identifier: Apache-2.0
#include "admin/observation.hpp"

#include "metrics/held_series.hpp"

namespace scanhost::admin {
namespace {

// The series is held no longer than it takes to read it, so that it ends with its scanner.
std::vector<std::uint64_t> lateness_of(const std::string& scanner, metrics::registry& registry) {
  metrics::held_series held(registry);
  return held.histogram(metrics::names::lateness, {{"scanner", scanner}}, metrics::lateness_bounds())
      .bucket_counts();
}

}  // namespace

std::vector<observation> observe(const std::vector<runner::scanner_status>& scanners,
                                 metrics::registry& registry) {
  std::vector<observation> observations;
  observations.reserve(scanners.size());
  for (const auto& scanner : scanners)
    observations.push_back({scanner.name, scanner.totals, lateness_of(scanner.name, registry),
                            scanner.backlog, scanner.oldest_overdue});
  return observations;
}

}  // namespace scanhost::admin
