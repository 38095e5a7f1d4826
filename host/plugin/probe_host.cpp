// SPDX-License-Identifier: Apache-2.0
//
// The host's table for a probe. It lives on the child's one thread.
#include "plugin/probe_host.hpp"

#include <cstddef>
#include <string_view>
#include <variant>

#include "config/settings.hpp"
#include "plugin/default_value.hpp"
#include "scanhost/scanhost.h"

namespace scanhost::plugin {
namespace {

constexpr std::size_t max_broken_rules = 16;

std::string_view view(scanhost_string text) noexcept {
  return text.size == 0 ? std::string_view() : std::string_view(text.data, text.size);
}
scanhost_string lend(std::string_view text) noexcept { return {text.data(), text.size()}; }

class recording_host final : public probe_host, public scanhost_host {
 public:
  explicit recording_host(const config::description& description)
      : scanhost_host(services()), description_(description), values_(default_values(description)) {}

  const scanhost_host* table() const noexcept override { return this; }
  const std::vector<std::string>& broken_rules() const noexcept override { return broken_; }

 private:
  static const recording_host& of(const scanhost_host* host) noexcept {
    return static_cast<const recording_host&>(*host);
  }

  void broke(const char* service) const {
    if (broken_.size() < max_broken_rules) broken_.emplace_back(service);
  }

  const config::option_value* value(scanhost_string name) const noexcept {
    const auto found = values_.find(view(name));
    return found == values_.end() ? nullptr : &found->second;
  }

  std::uint32_t partitions(std::string_view family) const noexcept {
    for (const auto& declared_family : description_.families)
      if (declared_family.name == family)
        return declared_family.tag_pattern.empty() ? 1 : declared_family.default_count;
    return 0;
  }

  scanhost_status text(scanhost_string name, std::size_t index, scanhost_string* answer) const noexcept {
    const auto* found = value(name);
    if (found == nullptr || answer == nullptr) return SCANHOST_INVALID;
    if (const auto* single = std::get_if<std::string>(found); single != nullptr && index == 0) {
      *answer = lend(*single);
      return SCANHOST_OK;
    }
    const auto* list = std::get_if<std::vector<std::string>>(found);
    if (list == nullptr || index >= list->size()) return SCANHOST_INVALID;
    *answer = lend((*list)[index]);
    return SCANHOST_OK;
  }

  scanhost_status integer(scanhost_string name, std::int64_t* answer) const noexcept {
    const auto* found = value(name);
    const auto* number = found == nullptr ? nullptr : std::get_if<std::int64_t>(found);
    if (number == nullptr || answer == nullptr) return SCANHOST_INVALID;
    *answer = *number;
    return SCANHOST_OK;
  }

  std::size_t count(scanhost_string name) const noexcept {
    const auto* found = value(name);
    if (found == nullptr) return 0;
    const auto* list = std::get_if<std::vector<std::string>>(found);
    return list == nullptr ? 1 : list->size();
  }

  static scanhost_host services() noexcept;
  static void add_settings(scanhost_host& table) noexcept;
  static void add_scanning(scanhost_host& table) noexcept;
  static const void* extension(const scanhost_host* host, scanhost_string id);
  static const scanhost_failures& failures() noexcept;
  static const scanhost_metrics& metrics() noexcept;
  static const scanhost_blocking& blocking() noexcept;

  const config::description& description_;
  config::option_values values_;
  mutable std::vector<std::string> broken_;  // the table is constant to the plugin
};

scanhost_host recording_host::services() noexcept {
  scanhost_host table{};
  table.struct_size = sizeof table;
  table.abi_major = SCANHOST_ABI_MAJOR;
  table.abi_minor = SCANHOST_ABI_MINOR;
  table.get_extension = &extension;
  table.log = [](const scanhost_host*, std::int32_t, scanhost_string) {};
  add_settings(table);
  add_scanning(table);
  return table;
}

void recording_host::add_settings(scanhost_host& table) noexcept {
  table.scanner_name = [](const scanhost_host* host) { return lend(of(host).description_.name); };
  table.interval_ms = [](const scanhost_host* host) {
    return static_cast<std::uint64_t>(of(host).description_.default_interval.count());
  };
  table.page_size = [](const scanhost_host* host) { return of(host).description_.default_page_size; };
  table.partition_count = [](const scanhost_host* host, scanhost_string family) {
    return of(host).partitions(view(family));
  };
  table.option_count = [](const scanhost_host* host, scanhost_string name) { return of(host).count(name); };
  table.option_text = [](const scanhost_host* host, scanhost_string name, std::size_t index,
                         scanhost_string* answer) { return of(host).text(name, index, answer); };
  table.option_integer = [](const scanhost_host* host, scanhost_string name, std::int64_t* answer) {
    return of(host).integer(name, answer);
  };
}

void recording_host::add_scanning(scanhost_host& table) noexcept {
  table.now_ms = [](const scanhost_host* host, scanhost_scan*) {
    of(host).broke("now_ms");
    return std::int64_t{0};
  };
  table.execute = [](const scanhost_host* host, scanhost_scan*, const scanhost_command*, std::size_t,
                     std::size_t, scanhost_on_replies, void*) {
    of(host).broke("execute");
    return scanhost_status{SCANHOST_INVALID};
  };
  // Allowed inside `destroy`.
  table.replies_release = [](const scanhost_host*, scanhost_scan*, const scanhost_replies*) {};
  table.next_page = [](const scanhost_host* host, scanhost_scan*, std::uint32_t, std::uint32_t,
                       scanhost_on_turn, void*) {
    of(host).broke("next_page");
    return scanhost_status{SCANHOST_INVALID};
  };
  table.after = [](const scanhost_host* host, scanhost_scan*, std::uint64_t, scanhost_on_time, void*) {
    of(host).broke("after");
    return scanhost_status{SCANHOST_INVALID};
  };
  table.cancelled = [](const scanhost_host* host, scanhost_scan*) {
    of(host).broke("cancelled");
    return std::int32_t{1};
  };
  table.finish = [](const scanhost_host* host, scanhost_scan*, const scanhost_result*) {
    of(host).broke("finish");
  };
  table.fail = [](const scanhost_host* host, scanhost_scan*, scanhost_string) { of(host).broke("fail"); };
}

const void* recording_host::extension(const scanhost_host*, scanhost_string id) {
  if (view(id) == SCANHOST_EXT_FAILURES) return &failures();
  if (view(id) == SCANHOST_EXT_METRICS) return &metrics();
  if (view(id) == SCANHOST_EXT_BLOCKING) return &blocking();
  return nullptr;
}

const scanhost_failures& recording_host::failures() noexcept {
  static const scanhost_failures table{
      sizeof table, 0,
      [](const scanhost_host* host, scanhost_string) {
        of(host).broke("should_skip");
        return std::int32_t{0};
      },
      [](const scanhost_host* host, scanhost_string, scanhost_string) { of(host).broke("failure"); },
      [](const scanhost_host* host, scanhost_string) { of(host).broke("success"); }};
  return table;
}

// Series may be made in `create`. The handle is opaque: any address will do.
const scanhost_metrics& recording_host::metrics() noexcept {
  static const scanhost_metrics table{
      sizeof table, 0,
      [](const scanhost_host* host, std::int32_t, scanhost_string, scanhost_string, scanhost_string,
         scanhost_string, const double*,
         std::size_t) { return reinterpret_cast<scanhost_metric*>(const_cast<scanhost_host*>(host)); },
      [](const scanhost_host*, scanhost_metric*, double) {}};
  return table;
}

const scanhost_blocking& recording_host::blocking() noexcept {
  static const scanhost_blocking table{
      sizeof table, 0,
      [](const scanhost_host* host, scanhost_scan*, const scanhost_command*, std::size_t, std::size_t) {
        of(host).broke("blocking execute");
        return static_cast<const scanhost_replies*>(nullptr);
      },
      [](const scanhost_host* host, scanhost_scan*, std::uint32_t, std::uint32_t) {
        of(host).broke("blocking next_page");
        return std::uint32_t{0};
      },
      [](const scanhost_host* host, scanhost_scan*, std::uint64_t) { of(host).broke("pause"); }};
  return table;
}

}  // namespace

std::unique_ptr<probe_host> make_probe_host(const config::description& description) {
  return std::make_unique<recording_host>(description);
}

}  // namespace scanhost::plugin
