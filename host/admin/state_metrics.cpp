// SPDX-License-Identifier: Apache-2.0
#include "admin/state_metrics.hpp"

#include <algorithm>
#include <array>
#include <chrono>

#include "admin/readiness.hpp"

namespace scanhost::admin {
namespace {

namespace names = metrics::names;

using enum runner::scanner_state;
constexpr std::array all_states{starting,    waiting, cycling,  resting, functions_missing,
                                backing_off, stuck,   stopping, stopped};

constexpr std::array reload_outcomes{"reloaded", "retuned", "adjusted", "rolled_back", "refused"};

double unix_seconds(base::timestamp at) {
  return std::chrono::duration<double>(at.time_since_epoch()).count();
}

}  // namespace

void state_metrics::refresh(const std::vector<runner::scanner_status>& scanners) {
  std::erase_if(scanners_, [&](const auto& entry) {
    const auto is_it = [&](const auto& scanner) { return scanner.name == entry.first; };
    if (std::ranges::any_of(scanners, is_it)) return false;
    end(entry.second);
    return true;
  });
  for (const auto& scanner : scanners) {
    auto found = scanners_.find(scanner.name);
    if (found == scanners_.end()) found = scanners_.emplace(scanner.name, create(scanner.name)).first;
    auto& shown = found->second;
    for (std::size_t i = 0; i < all_states.size(); ++i)
      shown.states[i].set(all_states[i] == scanner.state ? 1 : 0);
    shown.ready.set(reasons_not_ready({scanner}, {}).empty() ? 1 : 0);
    shown.paused.set(scanner.paused ? 1 : 0);
    shown.last_cycle.set(unix_seconds(scanner.last_cycle_at));
  }
}

state_metrics::series state_metrics::create(const std::string& scanner) {
  series created;
  for (const auto state : all_states)
    created.states.push_back(registry_.gauge(names::scanner_state,
                                             {{"scanner", scanner}, {"state", std::string(to_text(state))}}));
  created.ready = registry_.gauge(names::scanner_ready, {{"scanner", scanner}});
  created.paused = registry_.gauge(names::scanner_paused, {{"scanner", scanner}});
  created.last_cycle = registry_.gauge(names::last_cycle, {{"scanner", scanner}});
  for (const auto* outcome : reload_outcomes)
    created.reloads.push_back(
        registry_.counter(names::reloads, {{"scanner", scanner}, {"outcome", outcome}}));
  return created;
}

void state_metrics::end(const series& ended) {
  for (const auto& state : ended.states) registry_.release(state);
  registry_.release(ended.ready);
  registry_.release(ended.paused);
  registry_.release(ended.last_cycle);
  for (const auto& count : ended.reloads) registry_.release(count);
}

}  // namespace scanhost::admin
