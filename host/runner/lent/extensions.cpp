// SPDX-License-Identifier: Apache-2.0
//
// The extensions of the host: failure tracking, a plugin's own metrics, the blocking forms.
#include "runner/instance/abi_reading.hpp"
#include "runner/lent/services.hpp"
#include "runner/scan/visits.hpp"

namespace scanhost::runner {

namespace {

template <class Answer, class Call>
Answer guarded(Answer otherwise, Call call) noexcept try {
  return call();
} catch (...) {
  return otherwise;
}

bool admitted(const scanhost_host* host) noexcept { return services_of(host).scans().admits_calls(); }

std::int32_t should_skip(const scanhost_host* host, scanhost_string item) {
  return guarded(std::int32_t{0}, [&] {
    return std::int32_t{admitted(host) && services_of(host).failures().should_skip(view_of(item))};
  });
}

void failure(const scanhost_host* host, scanhost_string item, scanhost_string reason) {
  guarded(0, [&] {
    if (admitted(host)) services_of(host).failures().failure(view_of(item), view_of(reason));
    return 0;
  });
}

void success(const scanhost_host* host, scanhost_string item) {
  guarded(0, [&] {
    if (admitted(host)) services_of(host).failures().success(view_of(item));
    return 0;
  });
}

scanhost_metric* series(const scanhost_host* host, std::int32_t kind, scanhost_string name,
                        scanhost_string help, scanhost_string label, scanhost_string label_value,
                        const double* bounds, std::size_t bound_count) {
  return guarded(static_cast<scanhost_metric*>(nullptr), [&]() -> scanhost_metric* {
    if (bounds == nullptr && bound_count > 0) return nullptr;
    return services_of(host).failures().series().series(
        {kind, view_of(name), view_of(help), view_of(label), view_of(label_value), {bounds, bound_count}});
  });
}

void record_value(const scanhost_host*, scanhost_metric* metric, double value) {
  guarded(0, [&] {
    plugin_metrics::record(metric, value);
    return 0;
  });
}

const scanhost_replies* execute(const scanhost_host* host, scanhost_scan* scan,
                                const scanhost_command* commands, std::size_t count, std::size_t stride) {
  return guarded(static_cast<const scanhost_replies*>(nullptr),
                 [&] { return services_of(host).scans().execute_and_wait(scan, commands, count, stride); });
}

std::uint32_t next_page(const scanhost_host* host, scanhost_scan* scan, std::uint32_t pass,
                        std::uint32_t acted) {
  return guarded(std::uint32_t{0},
                 [&] { return services_of(host).scans().wait_for_page(scan, pass, acted); });
}

void pause(const scanhost_host* host, scanhost_scan* scan, std::uint64_t delay_ms) {
  guarded(0, [&] {
    services_of(host).scans().pause(scan, delay_ms);
    return 0;
  });
}

}  // namespace

const scanhost_failures& failures_extension() noexcept {
  static const scanhost_failures table{sizeof(scanhost_failures), 0, &should_skip, &failure, &success};
  return table;
}

const scanhost_metrics& metrics_extension() noexcept {
  static const scanhost_metrics table{sizeof(scanhost_metrics), 0, &series, &record_value};
  return table;
}

const scanhost_blocking& blocking_extension() noexcept {
  static const scanhost_blocking table{sizeof(scanhost_blocking), 0, &execute, &next_page, &pause};
  return table;
}

}  // namespace scanhost::runner
