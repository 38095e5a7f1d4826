// SPDX-License-Identifier: Apache-2.0
//
// Quantiles of what a histogram has counted. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace scanhost::metrics {

// The value that `share` (from 0 to 1) of all observations do not exceed, interpolated within its bucket as
// histogram_quantile() of Prometheus does: what lies beyond the last bound counts as that bound. None: there
// are no observations.
//
// `bounds`: ascending, at least one. `counts`: of each bucket alone, the one beyond the last bound included.
std::optional<double> quantile(double share, const std::vector<double>& bounds,
                               const std::vector<std::uint64_t>& counts);

}  // namespace scanhost::metrics
