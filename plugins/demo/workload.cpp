// SPDX-License-Identifier: Apache-2.0
//
// Which workloads there are, and how much of each.
#include "workload.hpp"

#include <algorithm>
#include <array>
#include <numeric>

#include "workloads.hpp"

namespace scanhost::demo {
namespace {

constexpr std::array makers{
    &work_for_lease_expiry,      &work_for_delayed_promoter,      &work_for_cancel_reconciler,
    &work_for_attempt_timeout,   &work_for_execution_deadline,    &work_for_suspension_timeout,
    &work_for_pending_wp_expiry, &work_for_budget_reset,          &work_for_budget_reconciler,
    &work_for_unblock,           &work_for_dependency_reconciler, &work_for_index_reconciler,
    &work_for_retention_trimmer, &work_for_quota_reconciler,      &work_for_flow_projector};

}  // namespace

std::vector<std::unique_ptr<workload>> workloads_for(const std::vector<std::string>& plugins) {
  std::vector<std::unique_ptr<workload>> loads;
  for (const auto make : makers) {
    auto load = make();
    if (std::ranges::find(plugins, load->scanner()) != plugins.end()) loads.push_back(std::move(load));
  }
  return loads;
}

void plan_all(const std::vector<std::unique_ptr<workload>>& loads, const timing& times, std::uint64_t seed,
              std::size_t executions) {
  const auto whole = std::accumulate(loads.begin(), loads.end(), std::size_t{0},
                                     [](std::size_t sum, const auto& load) { return sum + load->weight(); });
  constexpr std::size_t fewer = 100;
  // Some of what is planned stands for no execution, such as a member that is missing.
  executions += executions / 50;
  for (const auto& load : loads) {
    dice chance(seed ^ std::hash<std::string_view>{}(load->scanner()));
    const auto count =
        load->weight() > 0 ? (executions * load->weight() + whole - 1) / whole : executions / fewer + 1;
    load->plan(times, chance, count);
  }
}

void workload::retime(std::int64_t start, std::int64_t end) {
  auto to = times_;
  to.start = start;
  to.end = end;
  const auto span = std::max<std::int64_t>(times_.last_due() - times_.start, 1);
  for (auto& r : records_) {
    if (in_the_run(r)) r.due = start + (r.due - times_.start) * (to.last_due() - start) / span;
  }
  times_ = to;
}

std::uint8_t draw(dice& chance, std::span<const share> shares) noexcept {
  auto left =
      chance.between(1, std::accumulate(shares.begin(), shares.end(), 0,
                                        [](int sum, const share& portion) { return sum + portion.weight; }));
  for (const auto& portion : shares) {
    left -= portion.weight;
    if (left <= 0) return portion.variety;
  }
  return shares.back().variety;
}

}  // namespace scanhost::demo
