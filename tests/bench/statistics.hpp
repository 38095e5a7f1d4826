// SPDX-License-Identifier: Apache-2.0
//
// Medians and percentiles of small samples.
#pragma once

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <vector>

namespace scanhost::bench {

// The value below which this share (0 to 1) of the samples lies, by nearest rank.
inline double percentile(std::vector<double> samples, double share) {
  if (samples.empty()) throw std::logic_error("no samples were taken");
  std::sort(samples.begin(), samples.end());
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(samples.size())));
  return samples[std::max<std::size_t>(rank, 1) - 1];
}

inline double median(std::vector<double> samples) { return percentile(std::move(samples), 0.5); }

}  // namespace scanhost::bench
