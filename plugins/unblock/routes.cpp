// SPDX-License-Identifier: Apache-2.0
#include "unblock/routes.hpp"

#include <utility>

#include "common/keys.hpp"
#include "common/tally.hpp"

namespace ff {

scanhost::task<coverage_answer> routes::check(scanhost::scan_context& scan, std::string space,
                                              std::string required) {
  const auto* registries = co_await choice_.get(scan);
  if (registries->cancelled) co_return coverage_answer{coverage::cancelled};
  if (!registries->problem.empty()) co_return coverage_answer{coverage::unreadable, registries->problem};
  if (space.empty() && !registries->global)
    co_return coverage_answer{coverage::unreadable,
                              "its core has no namespace, and workers register by namespace"};
  if (required.empty()) co_return coverage_answer{};

  const worker_capabilities* global = nullptr;
  const worker_capabilities* own = nullptr;
  std::shared_ptr<workers_of_cycle> registry;
  if (registries->namespaced && !space.empty()) {
    registry = registry_of(scan, space);
    own = co_await registry->get(
        scan, [&](scanhost::scan_context& first) { return load_workers_of(first, space); });
    if (own->status == worker_capabilities::state::cancelled) co_return coverage_answer{coverage::cancelled};
    if (own->status == worker_capabilities::state::failed)
      co_return coverage_answer{coverage::unreadable, joined("reading the workers of namespace ",
                                                             printable(space), ": ", own->problem)};
  }
  if (registries->global) {
    global = co_await global_workers(scan);
    if (global->status == worker_capabilities::state::cancelled)
      co_return coverage_answer{coverage::cancelled};
    if (global->status == worker_capabilities::state::failed) co_return coverage_answer{};
  }
  co_return coverage_answer{cover(required, own, global) ? coverage::covered : coverage::lacking};
}

scanhost::task<const worker_capabilities*> routes::global_workers(scanhost::scan_context& scan) {
  co_return co_await global_.get(
      scan, [this](scanhost::scan_context& first) -> scanhost::task<worker_capabilities> {
        auto workers = co_await load_global_workers(first);
        if (workers.status == worker_capabilities::state::failed)
          host_.log(
              scanhost::log_level::warn,
              joined("the capabilities of the workers cannot be read, so every requirement counts as met: ",
                     workers.problem));
        co_return workers;
      });
}

std::shared_ptr<routes::workers_of_cycle> routes::registry_of(const scanhost::scan_context& scan,
                                                              const std::string& space) {
  if (std::exchange(cycle_, scan.cycle()) != scan.cycle()) by_namespace_.clear();
  auto& registry = by_namespace_[space];
  if (!registry) registry = std::make_shared<workers_of_cycle>();
  return registry;
}

}  // namespace ff
