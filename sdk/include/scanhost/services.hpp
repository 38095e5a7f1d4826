// SPDX-License-Identifier: Apache-2.0
//
// What the host lends to an instance, for the whole of its life: options, settings, log, failure
// tracking, metrics. A small value that may be copied; valid until the instance is destroyed.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "ext/failures.h"
#include "ext/metrics.h"
#include "host.h"
#include "text.hpp"

namespace scanhost {

enum class log_level { trace, debug, info, warn, error };

// Failure tracking by item: see ext/failures.h for the rules.
class failures {
 public:
  failures(const scanhost_host* host, const scanhost_failures* table) noexcept : host_(host), table_(table) {}

  bool should_skip(std::string_view item) const { return table_->should_skip(host_, to_c(item)) != 0; }
  void failure(std::string_view item, std::string_view reason) const {
    table_->failure(host_, to_c(item), to_c(reason));
  }
  void success(std::string_view item) const { table_->success(host_, to_c(item)); }

 private:
  const scanhost_host* host_;
  const scanhost_failures* table_;
};

// One series of a plugin's own metrics; a default-constructed one ignores all values.
class metric {
 public:
  metric() noexcept = default;
  metric(const scanhost_host* host, const scanhost_metrics* table, scanhost_metric* series) noexcept
      : host_(host), table_(table), series_(series) {}

  // Counter: adds. Gauge: sets. Histogram: observes.
  void record(double value) const {
    if (series_) table_->record(host_, series_, value);
  }

 private:
  const scanhost_host* host_ = nullptr;
  const scanhost_metrics* table_ = nullptr;
  scanhost_metric* series_ = nullptr;
};

class services {
 public:
  explicit services(const scanhost_host* host) noexcept : host_(host) {}

  const scanhost_host* raw() const noexcept { return host_; }

  std::string_view scanner_name() const { return view(host_->scanner_name(host_)); }
  milliseconds interval() const { return milliseconds(host_->interval_ms(host_)); }
  std::uint32_t page_size() const { return host_->page_size(host_); }

  // Partitions of a family of this plugin's description; 0 for any other.
  std::uint32_t partition_count(std::string_view family) const {
    return host_->partition_count(host_, to_c(family));
  }

  // Options, by the name and type of the description. Throw std::logic_error for any other.
  std::string text(std::string_view option) const { return std::string(text_at(option, 0)); }
  std::vector<std::string> list(std::string_view option) const {
    std::vector<std::string> values;
    const auto count = host_->option_count(host_, to_c(option));
    for (std::size_t i = 0; i < count; ++i) values.emplace_back(text_at(option, i));
    return values;
  }
  std::int64_t integer(std::string_view option) const {
    std::int64_t value = 0;
    check(host_->option_integer(host_, to_c(option), &value), option);
    return value;
  }
  bool flag(std::string_view option) const { return integer(option) != 0; }
  milliseconds duration(std::string_view option) const { return milliseconds(integer(option)); }

  void log(log_level level, std::string_view message) const {
    host_->log(host_, static_cast<std::int32_t>(level), to_c(message));
  }

  // Throws std::runtime_error when the host does not offer it.
  scanhost::failures failures() const { return {host_, extension<scanhost_failures>(SCANHOST_EXT_FAILURES)}; }

  // A series with the labels `scanner` and, where `label` is not empty, `label=label_value`.
  metric counter(std::string_view name, std::string_view help, std::string_view label = {},
                 std::string_view label_value = {}) const {
    return series(SCANHOST_METRIC_COUNTER, name, help, label, label_value, {});
  }
  metric gauge(std::string_view name, std::string_view help, std::string_view label = {},
               std::string_view label_value = {}) const {
    return series(SCANHOST_METRIC_GAUGE, name, help, label, label_value, {});
  }
  metric histogram(std::string_view name, std::string_view help, const std::vector<double>& bounds) const {
    return series(SCANHOST_METRIC_HISTOGRAM, name, help, {}, {}, bounds);
  }

 private:
  template <class Table>
  const Table* extension(std::string_view id) const {
    const auto* table = static_cast<const Table*>(host_->get_extension(host_, to_c(id)));
    if (table == nullptr) throw std::runtime_error("the host does not offer " + std::string(id));
    return table;
  }
  metric series(std::int32_t kind, std::string_view name, std::string_view help, std::string_view label,
                std::string_view label_value, const std::vector<double>& bounds) const {
    const auto* table = extension<scanhost_metrics>(SCANHOST_EXT_METRICS);
    return {host_, table,
            table->series(host_, kind, to_c(name), to_c(help), to_c(label), to_c(label_value), bounds.data(),
                          bounds.size())};
  }
  std::string_view text_at(std::string_view option, std::size_t index) const {
    scanhost_string value{};
    check(host_->option_text(host_, to_c(option), index, &value), option);
    return view(value);
  }
  static void check(scanhost_status status, std::string_view option) {
    if (status != SCANHOST_OK)
      throw std::logic_error("option '" + std::string(option) +
                             "' is not in the plugin's description with this type");
  }

  const scanhost_host* host_;
};

}  // namespace scanhost
