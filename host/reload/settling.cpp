// SPDX-License-Identifier: Apache-2.0
//
// When is a file that changes whole?
#include "reload/settling.hpp"

#include <sys/stat.h>

#include <utility>

namespace scanhost::reload {
namespace {

std::int64_t in_ns(const timespec& time) { return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec; }

}  // namespace

std::optional<file_identity> identify(const std::filesystem::path& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) return std::nullopt;
  return file_identity{status.st_dev, status.st_ino, status.st_size, in_ns(status.st_mtim),
                       in_ns(status.st_ctim)};
}

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
  for (auto entry = unsettled_.begin(); entry != unsettled_.end();) {
    if (!at_rest(*entry, now)) {
      ++entry;
      continue;
    }
    if (last_reported(entry->first) != entry->second.seen) {
      if (ready_.empty()) ready_since_ = now;
      ready_.insert_or_assign(entry->first, entry->second.seen);
    }
    entry = unsettled_.erase(entry);
  }
  // A file that goes on changing must not hold the others up.
  if (!unsettled_.empty() && now - ready_since_ < max_burst) return {};
  paths report;
  for (auto& [file, seen] : std::exchange(ready_, {})) {
    reported_[file] = seen;
    report.insert(file);
  }
  return report;
}

bool settling::at_rest(std::pair<const path, state>& entry, base::steady_time now) {
  auto& [seen, since] = entry.second;
  if (auto again = look_(entry.first); again != seen) {
    seen = again;
    since = now;
    return false;
  }
  return now - since >= (seen ? rest : away);
}

std::optional<file_identity> settling::last_reported(const path& file) const {
  const auto found = reported_.find(file);
  return found == reported_.end() ? std::nullopt : found->second;
}

}  // namespace scanhost::reload
