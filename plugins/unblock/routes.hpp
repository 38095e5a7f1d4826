// SPDX-License-Identifier: Apache-2.0
//
// Whether the workers together can do what an execution requires.
#pragma once

#include <map>
#include <memory>
#include <scanhost/scanner.hpp>
#include <string>
#include <string_view>

#include "unblock/worker_capabilities.hpp"
#include "unblock/worker_registries.hpp"

namespace ff {

enum class coverage {
  covered,  // also where the global registry cannot be read: the scheduler decides finally
  lacking,
  unreadable,  // nothing can be said, for `reason`
  cancelled    // the host ended the scan meanwhile
};

struct coverage_answer {
  coverage result = coverage::covered;
  std::string reason = {};
};

class routes {
 public:
  routes(scanhost::services host, const std::string& worker_registry)
      : host_(host), choice_(host, worker_registry) {}

  // `space`: the execution's namespace. Each registry is read once for each cycle.
  scanhost::task<coverage_answer> check(scanhost::scan_context& scan, std::string space,
                                        std::string required);

 private:
  using workers_of_cycle = scanhost::per_cycle<worker_capabilities>;

  scanhost::task<const worker_capabilities*> global_workers(scanhost::scan_context& scan);
  // Scans that wait for a registry keep it alive while others begin the next cycle.
  std::shared_ptr<workers_of_cycle> registry_of(const scanhost::scan_context& scan, const std::string& space);

  scanhost::services host_;
  registry_choice choice_;
  workers_of_cycle global_;
  std::map<std::string, std::shared_ptr<workers_of_cycle>, std::less<>> by_namespace_;  // of `cycle_`
  std::uint64_t cycle_ = 0;
};

}  // namespace ff
