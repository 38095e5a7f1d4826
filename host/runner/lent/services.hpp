// SPDX-License-Identifier: Apache-2.0
//
// The table of functions that one instance is lent, and its extensions. Thin: it checks what can be
// checked without a scan and passes on to `visits`, `record` and the settings.
#pragma once

#include <array>
#include <memory>
#include <string>

#include "runner/scanner.hpp"
#include "scanhost/ext/blocking.h"
#include "scanhost/ext/failures.h"
#include "scanhost/ext/metrics.h"
#include "scanhost/host.h"

namespace scanhost::runner {

class record;
class visits;
struct swept_family;

class services;

// What a plugin holds a pointer to; the host finds the way back to itself from there.
struct lent_host : scanhost_host {
  services* owner;
};

class services {
 public:
  services(const plan::scanner_plan& plan, record& record, visits& visits, const swept_family& family);
  services(const services&) = delete;
  services& operator=(const services&) = delete;

  const scanhost_host& table() const noexcept { return table_; }

  const void* extension(std::string_view id) const noexcept;
  std::uint32_t partition_count(std::string_view family) const noexcept;
  std::size_t option_count(std::string_view name) const noexcept;
  scanhost_status option_text(std::string_view name, std::size_t index,
                              scanhost_string& value) const noexcept;
  scanhost_status option_integer(std::string_view name, std::int64_t& value) const noexcept;
  void log(std::int32_t level, std::string_view message) const;

  const config::scanner_settings& settings() const noexcept { return plan_.settings; }
  runner::record& failures() noexcept { return record_; }
  runner::visits& scans() noexcept { return visits_; }

 private:
  const config::option_value* find(std::string_view name) const noexcept;

  const plan::scanner_plan& plan_;
  runner::record& record_;
  runner::visits& visits_;
  const swept_family& family_;
  lent_host table_;
};

// The extensions; each the same for all scanners.
const scanhost_failures& failures_extension() noexcept;
const scanhost_metrics& metrics_extension() noexcept;
const scanhost_blocking& blocking_extension() noexcept;

inline services& services_of(const scanhost_host* host) noexcept {
  return *static_cast<const lent_host*>(host)->owner;
}

}  // namespace scanhost::runner
