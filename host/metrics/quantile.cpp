// SPDX-License-Identifier: Apache-2.0
#include "metrics/quantile.hpp"

#include <numeric>

namespace scanhost::metrics {

std::optional<double> quantile(double share, const std::vector<double>& bounds,
                               const std::vector<std::uint64_t>& counts) {
  const auto total = std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
  if (total == 0) return std::nullopt;
  const auto rank = share * static_cast<double>(total);
  double below = 0;
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    const auto count = static_cast<double>(counts[i]);
    if (count > 0 && below + count >= rank) {
      const auto lower = i == 0 ? 0 : bounds[i - 1];
      return lower + (bounds[i] - lower) * (rank - below) / count;
    }
    below += count;
  }
  return bounds.back();
}

}  // namespace scanhost::metrics
