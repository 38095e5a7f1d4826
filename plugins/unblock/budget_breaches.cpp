// SPDX-License-Identifier: Apache-2.0
#include "unblock/budget_breaches.hpp"

#include <cstddef>
#include <utility>

#include "common/ids.hpp"
#include "common/keys.hpp"
#include "common/tally.hpp"
#include "unblock/text.hpp"

namespace ff {

// A budget whose limits or usage are being read.
struct budget_breaches::unread {
  std::string id;
  std::string tag;
  std::vector<std::pair<std::string, std::uint64_t>> hard = {};  // dimension, limit > 0
};

namespace {

// The hard limits among the fields of a `limits` hash.
std::vector<std::pair<std::string, std::uint64_t>> hard_limits(const scanhost::reply& fields) {
  constexpr std::string_view prefix = "hard:";
  std::vector<std::pair<std::string, std::uint64_t>> hard;
  for (std::size_t i = 0; i + 1 < fields.size(); i += 2) {
    const auto name = fields[i].text();
    const auto limit = scanhost::parse_integer<std::uint64_t>(fields[i + 1].text()).value_or(0);
    if (name.starts_with(prefix) && limit > 0) hard.emplace_back(name.substr(prefix.size()), limit);
  }
  return hard;
}

void report(const scanhost::services& host, std::string_view id, const scanhost::outcome& outcome) {
  host.log(scanhost::log_level::error,
           joined("budget '", printable(id),
                  "' cannot be read, what waits for it stays blocked: ", printable(outcome.message())));
}

}  // namespace

scanhost::task<void> budget_breaches::load(scanhost::scan_context& scan,
                                           const std::vector<std::string>& lists,
                                           const scanhost::services& host, bool& cancelled) {
  std::vector<unread> budgets;
  scanhost::batch reads;
  for (const auto& list : lists)
    for_each_token(list, [&](std::string_view token) {
      const auto id = trimmed(token);
      const auto parsed = parse_uuid(id);
      if (!parsed || !breached_.try_emplace(std::string(id), true).second) return true;
      auto tag = budget_tag(partition_of(*parsed, host.partition_count("budget")));
      reads.add("HGETALL", budget_limits_key(tag, id)).route(tag).about(id);
      budgets.push_back({std::string(id), std::move(tag)});
      return true;
    });
  const auto answers = co_await scan.execute(std::move(reads));
  std::vector<unread> limited;
  for (std::size_t i = 0; i < budgets.size(); ++i) {
    auto& budget = budgets[i];
    const auto limits = answers[i];
    cancelled = cancelled || limits.cancelled();
    if (!limits.ok()) {
      report(host, budget.id, limits);
      continue;
    }
    budget.hard = hard_limits(limits.reply());
    if (budget.hard.empty())
      breached_[budget.id] = false;
    else
      limited.push_back(std::move(budget));
  }
  if (!cancelled) co_await read_usage(scan, std::move(limited), host, cancelled);
}

scanhost::task<void> budget_breaches::read_usage(scanhost::scan_context& scan, std::vector<unread> budgets,
                                                 const scanhost::services& host, bool& cancelled) {
  scanhost::batch reads;
  for (const auto& budget : budgets) {
    auto& read = reads.add("HMGET", budget_usage_key(budget.tag, budget.id));
    for (const auto& [dimension, limit] : budget.hard) read.arg(dimension);
    read.route(budget.tag).about(budget.id);
  }
  const auto answers = co_await scan.execute(std::move(reads));
  for (std::size_t i = 0; i < budgets.size(); ++i) {
    const auto usage = answers[i];
    cancelled = cancelled || usage.cancelled();
    if (!usage.ok()) {
      report(host, budgets[i].id, usage);
      continue;
    }
    bool breached = false;
    for (std::size_t k = 0; k < budgets[i].hard.size(); ++k)
      breached = breached || scanhost::parse_integer<std::uint64_t>(usage[k].text()).value_or(0) >=
                                 budgets[i].hard[k].second;
    breached_[budgets[i].id] = breached;
  }
}

bool budget_breaches::all_have_room(std::string_view list) const {
  bool room = true;
  for_each_token(list, [&](std::string_view token) {
    const auto found = breached_.find(std::string(trimmed(token)));
    room = found == breached_.end() || !found->second;
    return room;
  });
  return room;
}

}  // namespace ff
