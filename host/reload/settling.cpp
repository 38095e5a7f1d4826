// SPDX-License-Identifier: Apache-2.0
#include "reload/settling.hpp"

#include <utility>

namespace scanhost::reload {

void settling::known(const path& file) {
  if (!reported_.contains(file)) reported_.emplace(file, look_(file));
}

void settling::forget(const path& file) {
  reported_.erase(file);
  unsettled_.erase(file);
  ready_.erase(file);
}

void settling::noticed(const path& file, base::steady_time now) {
  const auto seen = look_(file);
  const auto [found, added] = unsettled_.try_emplace(file, state{seen, now});
  if (!added && found->second.seen != seen) found->second = {seen, now};
  ready_.erase(file);
}

void settling::compare(const path& file, base::steady_time now) {
  const auto seen = look_(file);
  const auto ready = ready_.find(file);
  if (seen != (ready == ready_.end() ? last_reported(file) : ready->second)) noticed(file, now);
}

settling::paths settling::settled(base::steady_time now) {
  for (auto at = unsettled_.begin(); at != unsettled_.end();) {
    auto& [file, progress] = *at;
    if (!is_at_rest(file, progress, now)) {
      ++at;
      continue;
    }
    if (last_reported(file) != progress.seen) {
      if (ready_.empty()) ready_since_ = now;
      ready_.insert_or_assign(file, progress.seen);
    }
    at = unsettled_.erase(at);
  }
  // A file that keeps changing must not hold the others up.
  if (!unsettled_.empty() && now - ready_since_ < max_burst) return {};
  paths settled;
  for (auto& [file, seen] : std::exchange(ready_, {})) {
    reported_[file] = seen;
    settled.insert(file);
  }
  return settled;
}

bool settling::is_at_rest(const path& file, state& progress, base::steady_time now) {
  if (auto seen = look_(file); seen != progress.seen) {
    progress = {seen, now};
    return false;
  }
  return now - progress.since >= (progress.seen ? rest : away);
}

std::optional<base::file_identity> settling::last_reported(const path& file) const {
  const auto found = reported_.find(file);
  return found == reported_.end() ? std::nullopt : found->second;
}

}  // namespace scanhost::reload
