// SPDX-License-Identifier: Apache-2.0
//
// One instance of a plugin: the calls of its descriptor, with their rules. On the scanner's thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "runner/instance/cycle_entry.hpp"
#include "runner/instance/plugin_calls.hpp"
#include "runner/instance/plugin_state.hpp"
#include "scanhost/ext/explain.h"
#include "scanhost/ext/state.h"
#include "scanhost/plugin.h"

namespace scanhost::runner {

class instance {
  struct key {};  // only create() makes one

 public:
  // The error is `config` when the plugin refuses its options, else `software`.
  static base::result<std::unique_ptr<instance>> create(const scanhost_plugin& descriptor,
                                                        const scanhost_host& host, plugin_calls& calls);
  instance(key, const scanhost_plugin& descriptor, plugin_calls& calls, void* self) noexcept;
  ~instance();  // destroys it
  instance(const instance&) = delete;
  instance& operator=(const instance&) = delete;

  bool has(cycle_entry entry) const noexcept;
  // What they threw; none: they returned.
  std::optional<std::string> enter(cycle_entry entry, scanhost_scan* scan, std::uint64_t cycle);
  void drop(scanhost_scan* scan, void* data);
  std::optional<std::string> scan(scanhost_scan* scan, const scanhost_partition* partition);

  // For a plugin with the extension "scanhost.explain/1".
  bool explains();
  // In which of so many partitions it looks for an item; none: in any.
  std::optional<std::uint32_t> find_partition(std::string_view item, std::uint32_t count);
  // Starts an explanation; what it threw, as scan().
  std::optional<std::string> explain(scanhost_scan* scan, const scanhost_partition* partition,
                                     std::string_view item, scanhost_report_finding report, void* reporter);

  // For a plugin with the extension "scanhost.state/1"; one without it exports no state and refuses to
  // import.
  std::optional<plugin_state> export_state(std::optional<std::string>& problem);
  std::optional<std::string> import_state(const plugin_state& state);

 private:
  const void* extension(std::string_view id);
  std::optional<scanhost_state> state_extension();
  std::optional<scanhost_explain> explain_extension();

  scanhost_plugin descriptor_;  // as this host knows it
  plugin_calls& calls_;
  void* self_;
};

}  // namespace scanhost::runner
