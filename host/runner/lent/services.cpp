// SPDX-License-Identifier: Apache-2.0
//
// The table of functions that one instance is lent.
#include "runner/lent/services.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "runner/instance/abi_reading.hpp"
#include "runner/scan/visits.hpp"

namespace scanhost::runner {

namespace {

// Whatever goes wrong in the host while it serves a plugin (memory, in practice) must not unwind through
// the plugin's frames.
template <class Answer, class Call>
Answer guarded(Answer otherwise, Call call) noexcept try {
  return call();
} catch (...) {
  return otherwise;
}
template <class Call>
void guarded(Call call) noexcept try {
  call();
} catch (...) {
}

scanhost_host make_table() noexcept {
  scanhost_host table{};
  table.struct_size = sizeof table;
  table.abi_major = SCANHOST_ABI_MAJOR;
  table.abi_minor = SCANHOST_ABI_MINOR;
  table.get_extension = [](const scanhost_host* host, scanhost_string id) {
    return services_of(host).extension(view_of(id));
  };
  table.scanner_name = [](const scanhost_host* host) { return lend(services_of(host).settings().name); };
  table.interval_ms = [](const scanhost_host* host) {
    return static_cast<std::uint64_t>(services_of(host).settings().interval.count());
  };
  table.page_size = [](const scanhost_host* host) {
    return std::max(services_of(host).settings().page_size, 1u);
  };
  table.partition_count = [](const scanhost_host* host, scanhost_string family) {
    return services_of(host).partition_count(view_of(family));
  };
  table.option_count = [](const scanhost_host* host, scanhost_string name) {
    return services_of(host).option_count(view_of(name));
  };
  table.option_text = [](const scanhost_host* host, scanhost_string name, size_t index,
                         scanhost_string* value) {
    if (value == nullptr) return scanhost_status{SCANHOST_INVALID};
    return services_of(host).option_text(view_of(name), index, *value);
  };
  table.option_integer = [](const scanhost_host* host, scanhost_string name, int64_t* value) {
    if (value == nullptr) return scanhost_status{SCANHOST_INVALID};
    return services_of(host).option_integer(view_of(name), *value);
  };
  table.log = [](const scanhost_host* host, int32_t level, scanhost_string message) {
    guarded([&] { services_of(host).log(level, view_of(message)); });
  };
  return table;
}

void add_scan_functions(scanhost_host& table) noexcept {
  table.now_ms = [](const scanhost_host* host, scanhost_scan* scan) {
    return guarded(std::int64_t{0}, [&] { return services_of(host).scans().now_ms(scan); });
  };
  table.execute = [](const scanhost_host* host, scanhost_scan* scan, const scanhost_command* commands,
                     size_t count, size_t stride, scanhost_on_replies on_replies, void* user) {
    return guarded(scanhost_status{SCANHOST_INVALID}, [&] {
      return services_of(host).scans().execute(scan, commands, count, stride, on_replies, user);
    });
  };
  table.replies_release = [](const scanhost_host* host, scanhost_scan* scan,
                             const scanhost_replies* replies) {
    guarded([&] { services_of(host).scans().release(scan, replies); });
  };
  table.next_page = [](const scanhost_host* host, scanhost_scan* scan, uint32_t pass, uint32_t acted,
                       scanhost_on_turn on_turn, void* user) {
    return guarded(scanhost_status{SCANHOST_INVALID},
                   [&] { return services_of(host).scans().next_page(scan, pass, acted, on_turn, user); });
  };
  table.after = [](const scanhost_host* host, scanhost_scan* scan, uint64_t delay_ms,
                   scanhost_on_time on_time, void* user) {
    return guarded(scanhost_status{SCANHOST_INVALID},
                   [&] { return services_of(host).scans().after(scan, delay_ms, on_time, user); });
  };
  table.cancelled = [](const scanhost_host* host, scanhost_scan* scan) {
    return guarded(std::int32_t{1}, [&] { return std::int32_t{services_of(host).scans().cancelled(scan)}; });
  };
  table.finish = [](const scanhost_host* host, scanhost_scan* scan, const scanhost_result* result) {
    guarded([&] { services_of(host).scans().finish(scan, result); });
  };
  table.fail = [](const scanhost_host* host, scanhost_scan* scan, scanhost_string message) {
    guarded([&] { services_of(host).scans().fail(scan, view_of(message)); });
  };
}

base::severity severity_of(std::int32_t level) noexcept {
  if (level <= SCANHOST_LOG_TRACE) return base::severity::trace;
  if (level >= SCANHOST_LOG_ERROR) return base::severity::error;
  return static_cast<base::severity>(level);
}

}  // namespace

services::services(const plan::scanner_plan& plan, runner::record& record, runner::visits& visits,
                   const swept_family& family)
    : plan_(plan), record_(record), visits_(visits), family_(family), table_{make_table(), this} {
  add_scan_functions(table_);
}

const void* services::extension(std::string_view id) const noexcept {
  if (id == SCANHOST_EXT_FAILURES) return &failures_extension();
  if (id == SCANHOST_EXT_METRICS) return &metrics_extension();
  if (id == SCANHOST_EXT_BLOCKING && plan_.plugin.description.serial) return &blocking_extension();
  return nullptr;
}

std::uint32_t services::partition_count(std::string_view family) const noexcept {
  if (family == family_.name) return family_.count;
  for (const auto& declared_family : plan_.plugin.description.families) {
    if (declared_family.name != family) continue;
    const auto counted = plan_.partition_counts.find(family);
    if (counted != plan_.partition_counts.end()) return counted->second;
    return std::max(declared_family.default_count, 1u);
  }
  return 0;
}

const config::option_value* services::find(std::string_view name) const noexcept {
  const auto found = plan_.settings.options.find(name);
  return found == plan_.settings.options.end() ? nullptr : &found->second;
}

std::size_t services::option_count(std::string_view name) const noexcept {
  const auto* value = find(name);
  if (value == nullptr) return 0;
  const auto* list = std::get_if<std::vector<std::string>>(value);
  return list == nullptr ? 1 : list->size();
}

scanhost_status services::option_text(std::string_view name, std::size_t index,
                                      scanhost_string& value) const noexcept {
  const auto* option = find(name);
  if (option == nullptr) return SCANHOST_INVALID;
  if (const auto* text = std::get_if<std::string>(option)) {
    if (index != 0) return SCANHOST_INVALID;
    value = lend(*text);
    return SCANHOST_OK;
  }
  const auto* list = std::get_if<std::vector<std::string>>(option);
  if (list == nullptr || index >= list->size()) return SCANHOST_INVALID;
  value = lend((*list)[index]);
  return SCANHOST_OK;
}

scanhost_status services::option_integer(std::string_view name, std::int64_t& value) const noexcept {
  const auto* option = find(name);
  const auto* number = option == nullptr ? nullptr : std::get_if<std::int64_t>(option);
  if (number == nullptr) return SCANHOST_INVALID;
  value = *number;
  return SCANHOST_OK;
}

// One line stays one line, whatever a plugin writes.
void services::log(std::int32_t level, std::string_view message) const {
  const auto severity = severity_of(level);
  if (!base::logs(severity)) return;
  std::string line(message);
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r' || c == '\0'; }, ' ');
  base::log(severity, plan_.settings.name, line);
}

}  // namespace scanhost::runner
