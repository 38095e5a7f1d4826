// SPDX-License-Identifier: Apache-2.0
#include "admin/host_status.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "admin/readiness.hpp"
#include "base/counted.hpp"

namespace scanhost::admin {
namespace {

using store::connection_state;
using enum store_availability;

// What is to be said of the store by scanners that need it now.
struct store_census {
  std::size_t users = 0;
  std::size_t down = 0;
  std::size_t connecting = 0;
  std::size_t cut_off = 0;  // from some of its partitions
  std::string error;        // the first
  std::string trouble;      // likewise
};

bool uses_store(const runner::scanner_status& scanner) {
  using enum runner::scanner_state;
  const auto state = scanner.state;
  return !scanner.blocked && (state == starting || state == waiting || state == cycling || state == resting ||
                              state == functions_missing);
}

void count(const runner::scanner_status& scanner, store_census& census) {
  ++census.users;
  const auto& client = scanner.store;
  const bool cut_off = !client.unreachable.empty();
  const bool gone = client.state == connection_state::down || client.state == connection_state::stopped;
  if (cut_off)
    ++census.cut_off;
  else if (gone)
    ++census.down;
  else if (client.state == connection_state::connecting)
    ++census.connecting;
  if ((cut_off || gone) && census.error.empty()) census.error = client.last_error;
  if (census.trouble.empty()) census.trouble = describe_troubles(scanner.store_troubles);
}

std::string with_error(std::string text, const std::string& error) {
  return error.empty() ? text : fmt::format("{}: {}", text, error);
}

store_summary summary_of(const store_census& census) {
  if (census.down > 0 && census.down == census.users) return {down, census.error};
  if (const auto lost = census.down + census.cut_off; lost > 0)
    return {impaired, with_error(fmt::format("{} of {} cannot reach all of it", lost,
                                             base::counted(census.users, "scanner")),
                                 census.error)};
  if (!census.trouble.empty()) return {impaired, census.trouble};
  return {census.connecting > 0 ? connecting : up, {}};
}

store_summary judge_store(const host_facts& facts, const std::vector<runner::scanner_status>& scanners) {
  if (!facts.not_ready.empty()) return {facts.waiting_for.empty() ? connecting : down, facts.waiting_for};
  store_census census;
  for (const auto& scanner : scanners)
    if (uses_store(scanner)) count(scanner, census);
  return summary_of(census);
}

}  // namespace

std::string_view to_text(store_availability availability) noexcept {
  switch (availability) {
    case up:
      return "up";
    case connecting:
      return "connecting";
    case impaired:
      return "impaired";
    case down:
      return "down";
  }
  return "unknown";
}

host_status judge_host(host_facts facts, const std::vector<runner::scanner_status>& scanners) {
  const bool ready = reasons_not_ready(scanners, facts.not_ready).empty();
  auto store = judge_store(facts, scanners);
  return {std::move(facts), ready, std::move(store)};
}

}  // namespace scanhost::admin
