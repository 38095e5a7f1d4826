// SPDX-License-Identifier: Apache-2.0
#include "workload.hpp"

#include <functional>
#include <numeric>

#include "common/ids.hpp"

namespace scanhost::demo {
namespace {

constexpr std::unique_ptr<workload> (*makers[])() = {
    work_for_lease_expiry,      work_for_delayed_promoter,      work_for_cancel_reconciler,
    work_for_attempt_timeout,   work_for_execution_deadline,    work_for_suspension_timeout,
    work_for_pending_wp_expiry, work_for_budget_reset,          work_for_budget_reconciler,
    work_for_unblock,           work_for_dependency_reconciler, work_for_index_reconciler,
    work_for_retention_trimmer, work_for_quota_reconciler,      work_for_flow_projector};

}  // namespace

workloads workloads_for(const std::vector<std::string>& plugins) {
  workloads loads;
  for (const auto make : makers) {
    auto load = make();
    if (std::ranges::find(plugins, load->scanner()) != plugins.end()) loads.push_back(std::move(load));
  }
  return loads;
}

void plan_all(const workloads& loads, const timing& times, std::uint64_t seed, std::size_t executions) {
  constexpr std::size_t fewer = 100;
  std::size_t total = 0;
  for (const auto& load : loads) total += load->weight();
  // Some of what is planned stands for no execution, such as a member that is missing.
  executions += executions / 50;
  for (const auto& load : loads) {
    dice chance(seed ^ std::hash<std::string_view>{}(load->scanner()));
    const auto count =
        load->weight() > 0 ? (executions * load->weight() + total - 1) / total : executions / fewer + 1;
    load->plan(times, chance, count);
  }
}

void workload::retime(std::int64_t start, std::int64_t end) {
  auto run = times_;
  run.start = start;
  run.end = end;
  const auto span = std::max<std::int64_t>(times_.last_due() - times_.start, 1);
  for (auto& r : records_) {
    if (is_in_run(r)) r.due = start + (r.due - times_.start) * (run.last_due() - start) / span;
  }
  times_ = run;
}

std::size_t draw(dice& chance, std::span<const int> shares) noexcept {
  auto left = chance.between(1, std::accumulate(shares.begin(), shares.end(), 0));
  for (std::size_t row = 0; row < shares.size(); ++row) {
    left -= shares[row];
    if (left <= 0) return row;
  }
  return shares.size() - 1;
}

std::int64_t due_time(comes_due when, const timing& times, dice& chance) noexcept {
  switch (when) {
    case comes_due::overdue:
      return times.overdue(chance);
    case comes_due::in_run:
      return times.in_the_run(chance);
    case comes_due::mostly_in_run:
      return chance.one_in(5) ? times.overdue(chance) : times.in_the_run(chance);
    case comes_due::never:
      break;
  }
  return 0;
}

std::uint32_t partition_of(std::string_view uuid, std::uint32_t partitions) {
  return ff::partition_of(ff::parse_uuid(uuid).value(), partitions);
}

}  // namespace scanhost::demo
