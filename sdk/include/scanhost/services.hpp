// SPDX-License-Identifier: Apache-2.0
//
// What the host lends to an instance, for the whole of its life: options, settings, log, failure
// tracking, metrics. A small value that may be copied; valid until the instance is destroyed.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "command.hpp"
#include "ext/environment.h"
#include "ext/failures.h"
#include "ext/metrics.h"
#include "host.h"
#include "text.hpp"

namespace scanhost::inline v1_0 {

enum class log_level { trace, debug, info, warn, error };

// See ext/environment.h.
enum class run_mode {
  run = SCANHOST_MODE_RUN,
  probe = SCANHOST_MODE_PROBE,
  verify = SCANHOST_MODE_VERIFY,
  dry_run = SCANHOST_MODE_DRY_RUN
};

// The store's server; its texts are empty before the first connection.
struct server_description {
  std::string_view name;  // "redis" or "valkey"
  std::string_view version;
  bool cluster = false;
};

class scan_handle;

// Failure tracking by partition and item: see ext/failures.h for the rules.
class failures {
 public:
  failures(const scanhost_host* host, const scanhost_failures* table) noexcept : host_(host), table_(table) {}

  bool should_skip(const scan_handle& scan, std::string_view item) const;
  void failure(const scan_handle& scan, std::string_view item, std::string_view reason) const;
  void success(const scan_handle& scan, std::string_view item) const;

 private:
  const scanhost_host* host_;
  const scanhost_failures* table_;
};

// The names and values of a log line's fields or a metric's labels.
using field_list = std::vector<std::pair<std::string_view, std::string_view>>;

namespace detail {

inline std::vector<scanhost_field> raw_fields(const field_list& given) {
  std::vector<scanhost_field> raw;
  raw.reserve(given.size());
  for (const auto& [name, value] : given) raw.push_back({scanhost::to_c(name), scanhost::to_c(value)});
  return raw;
}

}  // namespace detail

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
  // Takes the series away; this and all copies of it must not be used any more.
  void remove() const {
    if (series_) table_->remove(host_, series_);
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

  // A choice is read as text().
  double real(std::string_view option) const {
    double value = 0;
    check(host_->option_real(host_, to_c(option), &value), option);
    return value;
  }

  // Whether one of the description's functions is on the server; it may change from cycle to cycle.
  bool function_available(std::string_view name) const {
    return host_->function_available(host_, to_c(name)) != 0;
  }

  // Declares a Lua script. Throws std::logic_error for an empty source.
  scanhost::script script(std::string_view source) const {
    const auto* handle = host_->script(host_, to_c(source));
    if (handle == nullptr) throw std::logic_error(invalid_reason());
    return scanhost::script(handle);
  }

  // What the host does: a plugin with effects of its own has them in a run only.
  run_mode mode() const {
    const auto* table = extension<scanhost_environment>(SCANHOST_EXT_ENVIRONMENT);
    const auto mode = table->mode(host_);
    return mode >= SCANHOST_MODE_RUN && mode <= SCANHOST_MODE_VERIFY ? static_cast<run_mode>(mode)
                                                                     : run_mode::dry_run;
  }
  server_description server() const {
    const auto* table = extension<scanhost_environment>(SCANHOST_EXT_ENVIRONMENT);
    return {view(table->server_name(host_)), view(table->server_version(host_)),
            table->is_cluster(host_) != 0};
  }
  // The plugin's file as the operator named it.
  std::string_view plugin_path() const {
    const auto* table = extension<scanhost_environment>(SCANHOST_EXT_ENVIRONMENT);
    return view(table->plugin_path(host_));
  }

  void log(log_level level, std::string_view message, const field_list& fields = {}) const {
    const auto raw = detail::raw_fields(fields);
    host_->log(host_, static_cast<std::int32_t>(level), to_c(message), raw.data(), raw.size());
  }
  // Whether a line of this level is written now.
  bool logs(log_level level) const { return static_cast<std::int32_t>(level) >= host_->log_level(host_); }

  // Throws std::runtime_error when the host does not offer it.
  scanhost::failures failures() const { return {host_, extension<scanhost_failures>(SCANHOST_EXT_FAILURES)}; }

  // A series with the label `scanner` and these.
  metric counter(std::string_view name, std::string_view help, const field_list& labels = {}) const {
    return series(SCANHOST_METRIC_COUNTER, name, help, labels, {});
  }
  metric gauge(std::string_view name, std::string_view help, const field_list& labels = {}) const {
    return series(SCANHOST_METRIC_GAUGE, name, help, labels, {});
  }
  metric histogram(std::string_view name, std::string_view help, const std::vector<double>& bounds,
                   const field_list& labels = {}) const {
    return series(SCANHOST_METRIC_HISTOGRAM, name, help, labels, bounds);
  }

 private:
  template <class Table>
  const Table* extension(std::string_view id) const {
    const auto* table = static_cast<const Table*>(host_->get_extension(host_, to_c(id)));
    if (table == nullptr) throw std::runtime_error("the host does not offer " + std::string(id));
    return table;
  }
  metric series(std::int32_t kind, std::string_view name, std::string_view help, const field_list& labels,
                const std::vector<double>& bounds) const {
    const auto* table = extension<scanhost_metrics>(SCANHOST_EXT_METRICS);
    const auto raw = detail::raw_fields(labels);
    return {host_, table,
            table->series(host_, kind, to_c(name), to_c(help), raw.data(), raw.size(), bounds.data(),
                          bounds.size())};
  }
  std::string_view text_at(std::string_view option, std::size_t index) const {
    scanhost_string value{};
    check(host_->option_text(host_, to_c(option), index, &value), option);
    return view(value);
  }
  std::string invalid_reason() const { return std::string(view(host_->invalid_reason(host_))); }
  void check(scanhost_status status, std::string_view option) const {
    if (status != SCANHOST_OK)
      throw std::logic_error("option '" + std::string(option) + "': " + invalid_reason());
  }

  const scanhost_host* host_;
};

}  // namespace scanhost::inline v1_0
