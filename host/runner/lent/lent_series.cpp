// SPDX-License-Identifier: Apache-2.0
#include "runner/lent/lent_series.hpp"

#include <utility>

namespace scanhost::runner {

// However often the instance asks for a series, it holds it once.
scanhost_metric* lent_series::series(const detail::series_request& requested) {
  auto series = metrics_.hold(requested);
  if (!series) return nullptr;
  auto* handle = series.get();
  if (!held_.emplace(handle, std::move(series)).second) metrics_.release(*handle);
  return handle;
}

void lent_series::record(scanhost_metric* series, double value) {
  if (const auto found = held_.find(series); found != held_.end()) metrics_.record(*found->second, value);
}

void lent_series::remove(scanhost_metric* series) {
  const auto found = held_.find(series);
  if (found == held_.end()) return;
  const auto removed = std::move(found->second);
  held_.erase(found);
  metrics_.remove(*removed);
}

void lent_series::release_all() {
  for (const auto& [handle, series] : std::exchange(held_, {})) metrics_.release(*series);
}

}  // namespace scanhost::runner
