// SPDX-License-Identifier: Apache-2.0
#include "plan/partition_check.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/log.hpp"
#include "plan/partitions.hpp"
#include "store/session.hpp"

namespace scanhost::plan {
namespace {

void compare(const scanner_plan& plan, const config::partition_counts& in_store,
             std::set<std::string>& differing) {
  for (const auto& family : plan.plugin.description.families) {
    const auto found = in_store.find(family.name);
    if (found == in_store.end() || found->second == partition_count(plan, family)) continue;
    differing.insert(fmt::format(
        "the store now has {} partitions of the family '{}' ({} {}), and this host sweeps {}; the number is fixed for the life of the data: look who changed it; a reload takes the number of the store",
        found->second, family.name, family.count_key, family.count_field, partition_count(plan, family)));
  }
}

}  // namespace

void partition_check::look(const config::store_settings& settings, const config::partition_counts& configured,
                           const std::vector<scanner_plan>& plans, std::stop_token stop) {
  auto store = store::session::open(settings, std::move(stop));
  if (!store) return;  // the scanners say so
  partition_counter counter(*store, configured);
  std::set<std::string> differing;
  for (const auto& plan : plans) {
    const auto counts = counter.count(plan.settings, plan.plugin.description);
    if (counts)
      compare(plan, *counts, differing);
    else if (counts.error().code == base::errc::config)
      differing.insert(counts.error().message);
    else
      return;
  }
  for (const auto& text : differing)
    if (!known_.contains(text)) base::log(base::events::partitions_differ, text);
  if (differing.empty() && !known_.empty())
    base::log(base::events::partitions_agree,
              "the store and the scanners have the same numbers of partitions again");
  known_ = std::move(differing);
}

}  // namespace scanhost::plan
