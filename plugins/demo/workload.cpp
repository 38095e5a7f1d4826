// SPDX-License-Identifier: Apache-2.0
#include "workload.hpp"

#include <algorithm>
#include <numeric>

#include "common/ids.hpp"

namespace scanhost::demo {
namespace {

std::int64_t due_time(comes_due when, const timing& times, dice& chance) noexcept {
  if (when == comes_due::never) return 0;
  const bool waits = when == comes_due::overdue || (when == comes_due::mostly_in_run && chance.one_in(5));
  return waits ? times.overdue(chance) : times.in_the_run(chance);
}

}  // namespace

std::uint32_t partition_of(std::string_view uuid, std::uint32_t partitions) {
  return ff::partition_of(ff::parse_uuid(uuid).value(), partitions);
}

std::size_t draw(dice& chance, std::span<const int> shares) noexcept {
  auto left = chance.between(1, std::accumulate(shares.begin(), shares.end(), 0));
  std::size_t row = 0;
  while ((left -= shares[row]) > 0) ++row;
  return row;
}

void workload::plan(const timing& times, dice& chance, std::size_t executions) {
  times_ = times;
  std::vector<int> shares;
  for (const auto& row : rows_) {
    if (row.share == 0) records_.push_back({chance.roll(), 0, 0, 0, shares.size()});
    shares.push_back(row.share);
  }
  for (std::size_t count = 0, turn = 0; count < executions; ++turn) {
    record r{chance.roll(), static_cast<std::uint32_t>(turn % flow_partitions), 0, 0, draw(chance, shares)};
    const auto& row = rows_[r.situation];
    r.executions = static_cast<std::uint32_t>(chance.between(row.executions.min, row.executions.max));
    if (hashed_over_ > 0) r.partition = partition_of(dice(r.seed).uuid(), hashed_over_);
    r.due = due_time(row.when, times, chance);
    count += std::max(r.executions, 1U);
    records_.push_back(r);
  }
}

world workload::before(const record& r) const {
  world w;
  rows_[r.situation].write({w, r, times_, scanner});
  return w;
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

workloads workloads_for(const std::vector<std::string>& plugins) {
  workloads loads;
  for (const auto add : {add_execution_work, add_limit_work, add_dependency_work, add_flow_work}) add(loads);
  std::erase_if(
      loads, [&](const workload& load) { return std::ranges::find(plugins, load.scanner) == plugins.end(); });
  return loads;
}

void plan_all(workloads& loads, const timing& times, std::uint64_t seed, std::size_t executions) {
  constexpr std::size_t fewer = 100;
  std::size_t total = 0;
  for (const auto& load : loads) total += load.weight;
  // Some of what is planned stands for no execution, such as a member that is missing.
  executions += executions / 50;
  for (auto& load : loads) {
    dice chance(seed ^ std::hash<std::string_view>{}(load.scanner));
    load.plan(times, chance,
              load.weight > 0 ? (executions * load.weight + total - 1) / std::max<std::size_t>(total, 1)
                              : executions / fewer + 1);
  }
}

}  // namespace scanhost::demo
