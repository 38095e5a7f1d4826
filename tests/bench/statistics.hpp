// SPDX-License-Identifier: Apache-2.0
//
// Medians and percentiles of small samples.
#pragma once

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace scanhost::bench {

// The percentile of the samples for a share of 0 to 1, by nearest rank.
inline double percentile(std::vector<double> samples, double share) {
  if (samples.empty()) throw std::logic_error("no samples were taken");
  std::sort(samples.begin(), samples.end());
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(samples.size())));
  return samples[std::max<std::size_t>(rank, 1) - 1];
}

inline double median(std::vector<double> samples) { return percentile(std::move(samples), 0.5); }

using figure_list = std::vector<std::pair<std::string, double>>;

// For each figure the median of all repeats that have it, in the order of first appearance.
inline figure_list medians(const std::vector<figure_list>& repeats) {
  std::vector<std::pair<std::string, std::vector<double>>> samples;
  for (const auto& figures : repeats)
    for (const auto& [name, value] : figures) {
      auto found = std::find_if(samples.begin(), samples.end(),
                                [&name = name](const auto& sample) { return sample.first == name; });
      if (found == samples.end()) found = samples.insert(samples.end(), {name, {}});
      found->second.push_back(value);
    }
  figure_list middle;
  for (auto& [name, values] : samples) middle.emplace_back(name, median(std::move(values)));
  return middle;
}

}  // namespace scanhost::bench
