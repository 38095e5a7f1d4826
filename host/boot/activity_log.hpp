// SPDX-License-Identifier: Apache-2.0
//
// What the scanners do, in a few lines of the log: once a minute one line for each scanner that changed
// something or met errors, with the errors by cause, and one for the host. Threads: the control thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "runner/record/status.hpp"

namespace scanhost::boot {

class activity_log {
 public:
  static constexpr std::chrono::seconds period{60};

  // Writes what is due. The first call only begins the first minute.
  void report(const std::vector<runner::scanner_status>& scanners, base::steady_time now);

 private:
  // Since the host started, or in one period.
  struct activity {
    std::uint64_t cycles = 0;
    std::uint64_t processed = 0;
    std::uint64_t unchanged = 0;
    std::uint64_t errors = 0;
    std::uint64_t skipped = 0;
    std::uint64_t store_errors = 0;
    std::uint64_t repeated_lines = 0;
    std::map<std::string, std::uint64_t, std::less<>> causes;

    bool is_worth_a_line() const noexcept { return processed > unchanged || errors > 0 || store_errors > 0; }
    void add(const activity& more);
  };

  static activity activity_of(const runner::scanner_status& scanner);
  static activity difference(const activity& now, const activity& before);
  static std::string text_of(const activity& done);
  static void log_scanner(const std::string& name, const activity& done, std::uint64_t in_back_off);
  static void log_host(std::size_t scanners, std::size_t active, const activity& done);

  std::optional<base::steady_time> next_;
  std::map<std::string, activity> before_;  // by scanner
};

}  // namespace scanhost::boot
