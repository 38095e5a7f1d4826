// SPDX-License-Identifier: Apache-2.0
//
// A scanner in C++20: a class with `task<result> scan(scan_context&)`, and one macro.
//
//   class my_scanner : public scanhost::scanner {
//    public:
//     static scanhost::description describe();
//     explicit my_scanner(scanhost::services host);
//     scanhost::task<scanhost::result> scan(scanhost::scan_context& scan) override;
//   };
//   SCANHOST_PLUGIN(my_scanner)
//
// All of it runs on the scanner's own thread. Many scans of one instance may be in flight, each
// waiting at a co_await; between two co_awaits nothing else of the instance runs.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "bad_option.hpp"
#include "description.hpp"
#include "detail/entry.hpp"
#include "detail/language.hpp"
#include "explanation.hpp"
#include "per_cycle.hpp"
#include "result.hpp"
#include "scan_context.hpp"
#include "services.hpp"
#include "state.hpp"
#include "task.hpp"
#include "when_all.hpp"

namespace scanhost::inline v1_0 {

class scanner {
 public:
  scanner() = default;
  scanner(const scanner&) = delete;
  scanner& operator=(const scanner&) = delete;
  virtual ~scanner() = default;

  // Scans one partition. An exception that leaves it fails the scanner: the host logs it and
  // restarts the scanner after a back-off.
  virtual task<result> scan(scan_context& scan) = 0;

  // Optional: before the first and after the last scan of a cycle; not around early visits. What the result
  // counts is added to the cycle.
  virtual task<result> begin_cycle(cycle_context& /*cycle*/) { co_return result{}; }
  virtual task<result> end_cycle(cycle_context& /*cycle*/) { co_return result{}; }

  // Optional: where an item of this partition stands, and why; only what reads may be sent (ext/explain.h).
  // What it throws is shown to the operator and harms nothing.
  virtual task<void> explain(scan_context& /*scan*/, explanation& /*item*/) { co_return; }
  // Optional, of a scanner that explains: the partition of 0..count-1 in which the item would lie. Nothing:
  // all are asked.
  virtual std::optional<std::uint32_t> find_partition(std::string_view /*item*/,
                                                      std::uint32_t /*count*/) const {
    return std::nullopt;
  }
};

}  // namespace scanhost::inline v1_0

// The one exported symbol. At namespace scope, once for each plugin.
#define SCANHOST_PLUGIN(Scanner)                                                  \
  extern "C" SCANHOST_EXPORT const scanhost_plugin* scanhost_plugin_entry(void) { \
    return ::scanhost::detail::entry<Scanner>::plugin();                          \
  }
