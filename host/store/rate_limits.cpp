// SPDX-License-Identifier: Apache-2.0
#include "store/rate_limits.hpp"

#include <algorithm>
#include <mutex>
#include <string>
#include <utility>

namespace scanhost::store {
namespace {

// What the process shares as long as somebody uses it.
class shared_limits {
 public:
  rate_limit find(const std::string& scanner, const config::rate_settings& rate,
                  const config::store_settings& store) {
    const std::lock_guard lock(mutex_);
    std::erase_if(limits_, [](const known& entry) { return entry.limiter.expired(); });
    for (const auto& entry : limits_) {
      if (entry.scanner != scanner || entry.rate != rate || entry.store != store) continue;
      if (auto limiter = entry.limiter.lock()) return {std::move(limiter), entry.probe.lock()};
    }
    rate_limit created{std::make_shared<rate_limiter>(rate), {}};
    if (rate.target_latency) {
      created.probe = find_probe(store);
      created.probe->serve(created.limiter);
    }
    limits_.push_back({scanner, rate, store, created.limiter, created.probe});
    return created;
  }

 private:
  struct known {
    std::string scanner;  // empty: the whole host
    config::rate_settings rate;
    config::store_settings store;
    std::weak_ptr<rate_limiter> limiter;
    std::weak_ptr<latency_probe> probe;
  };

  std::shared_ptr<latency_probe> find_probe(const config::store_settings& store) const {
    for (const auto& entry : limits_) {
      if (entry.store != store) continue;
      if (auto probe = entry.probe.lock()) return probe;
    }
    return std::make_shared<latency_probe>(store);
  }

  std::mutex mutex_;
  std::vector<known> limits_;
};

shared_limits& of_process() {
  static shared_limits limits;
  return limits;
}

}  // namespace

rate_limits shared_rate_limits(const config::scanner_settings& scanner, const config::store_settings& store) {
  rate_limits limits;
  if (!scanner.rate.empty()) limits.push_back(of_process().find(scanner.name, scanner.rate, store));
  if (!scanner.host_rate.empty()) limits.push_back(of_process().find({}, scanner.host_rate, store));
  return limits;
}

}  // namespace scanhost::store
