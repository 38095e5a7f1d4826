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

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "description.hpp"
#include "per_cycle.hpp"
#include "scan_context.hpp"
#include "services.hpp"
#include "task.hpp"

namespace scanhost {

// What a scan found and did; see scanhost_result in scan.h.
struct result {
  std::uint64_t processed = 0;
  std::uint64_t unchanged = 0;
  std::uint64_t errors = 0;
  std::uint64_t skipped = 0;
  std::optional<timestamp> next_due = {};
  std::optional<timestamp> oldest_due = {};
  std::optional<std::uint64_t> backlog = {};
};

class scanner {
 public:
  scanner() = default;
  scanner(const scanner&) = delete;
  scanner& operator=(const scanner&) = delete;
  virtual ~scanner() = default;

  // Scans one partition. An exception that leaves it fails the scanner: the host logs it and
  // restarts the scanner after a back-off.
  virtual task<result> scan(scan_context& scan) = 0;

  // Before the first and after the last scan of a cycle; not around early visits.
  virtual void begin_cycle(std::uint64_t /*cycle*/) {}
  virtual void end_cycle() {}
};

// Optional: a scanner that hands its state over to the build that replaces it while the host runs, see
// ext/state.h. The bytes are its own business. `import_state` throws if it cannot read the state (of
// another version, say) and then leaves the scanner unchanged: it starts afresh.
template <class Scanner>
concept keeps_state = requires(Scanner& scanner, std::uint32_t version, std::string_view bytes) {
  { Scanner::state_version } -> std::convertible_to<std::uint32_t>;
  { scanner.export_state() } -> std::convertible_to<std::string>;
  scanner.import_state(version, bytes);
};

}  // namespace scanhost

#include "detail/entry.hpp"

// The one exported symbol. At namespace scope, once for each plugin.
#define SCANHOST_PLUGIN(Scanner)                                                  \
  extern "C" SCANHOST_EXPORT const scanhost_plugin* scanhost_plugin_entry(void) { \
    return ::scanhost::detail::entry<Scanner>::plugin();                          \
  }
