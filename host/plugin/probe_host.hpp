// SPDX-License-Identifier: Apache-2.0
//
// The host that a plugin meets in a probe: the settings of a scanner, every extension, no store. It
// records what a plugin does in `create` or `destroy` that belongs to a scan. It lives on the child's one
// thread.
#pragma once

#include <string>
#include <vector>

#include "config/description.hpp"
#include "plugin/instance_settings.hpp"
#include "scanhost/detail/host_adapter.hpp"

namespace scanhost::plugin {

class probe_host final : public detail::host_adapter {
 public:
  // The description has to outlive it.
  // `path`: the plugin's file as the operator named it.
  probe_host(const config::description& description, instance_settings settings, std::string path);

  // Services that were called outside of their phase, in order, each as often as it was called; the first
  // few.
  const std::vector<std::string>& broken_rules() const noexcept { return broken_rules_; }

 private:
  std::string_view scanner_name() override { return settings_.scanner; }
  milliseconds interval() override { return settings_.interval; }
  std::uint32_t page_size() override { return settings_.page_size; }
  std::uint32_t partition_count(std::string_view family) override;
  const detail::option_value* option(std::string_view name) override;
  // Any address will do: it is opaque.
  const scanhost_script* script(std::string_view source) override;
  bool function_available(std::string_view) override { return false; }
  void log(std::int32_t, std::string_view, std::span<const scanhost_field>) override {}
  std::int32_t log_level() override { return SCANHOST_LOG_INFO; }

  std::int64_t now_ms(scanhost_scan* scan) override;
  std::int64_t route_now_ms(scanhost_scan* scan, std::string_view route) override;
  void set_scan_data(scanhost_scan* scan, void* data) override;
  scanhost_status execute(scanhost_scan* scan, const scanhost_command* commands, std::size_t count,
                          std::size_t stride, scanhost_on_replies on_replies, void* user) override;
  void replies_release(scanhost_scan*, const scanhost_replies*) override {}  // allowed inside `destroy`
  scanhost_status next_page(scanhost_scan* scan, std::uint32_t pass, std::uint32_t acted,
                            scanhost_on_turn on_turn, void* user) override;
  scanhost_status after(scanhost_scan* scan, std::uint64_t delay_ms, scanhost_on_time on_time,
                        void* user) override;
  bool cancelled(scanhost_scan* scan) override;
  void finish(scanhost_scan* scan, const scanhost_result* result) override;
  void fail(scanhost_scan* scan, std::string_view message) override;

  std::int32_t mode() override { return SCANHOST_MODE_PROBE; }
  std::string_view server_name() override { return {}; }
  std::string_view server_version() override { return {}; }
  bool is_cluster() override { return false; }
  std::string_view plugin_path() override { return path_; }

  bool should_skip(scanhost_scan* scan, std::string_view item) override;
  void failure(scanhost_scan* scan, std::string_view item, std::string_view reason) override;
  void success(scanhost_scan* scan, std::string_view item) override;

  scanhost_metric* series(const detail::series_request& request) override;  // allowed inside `create`
  void record(scanhost_metric*, double) override {}
  void remove(scanhost_metric*) override {}

  scanhost_status add_member(scanhost_scan* scan, std::string_view member) override;

  const scanhost_replies* blocking_execute(scanhost_scan* scan, const scanhost_command* commands,
                                           std::size_t count, std::size_t stride) override;
  std::uint32_t blocking_next_page(scanhost_scan* scan, std::uint32_t pass, std::uint32_t acted) override;
  void pause(scanhost_scan* scan, std::uint64_t delay_ms) override;

  std::uint64_t wake_token(scanhost_scan* scan) override;
  scanhost_status wait(scanhost_scan* scan, std::uint64_t token, std::uint64_t timeout_ms,
                       scanhost_on_ready on_ready, void* user) override;
  void wake(std::uint64_t) override {}  // there is no scan to wake
  scanhost_status when_ready(scanhost_scan* scan, std::int32_t descriptor, std::uint32_t events,
                             std::uint64_t timeout_ms, scanhost_on_ready on_ready, void* user) override;

  template <class Answer>
  Answer broken(const char* service, Answer answer);
  scanhost_status outside_scan(const char* service);

  const config::description& description_;
  const instance_settings settings_;
  const std::string path_;
  std::vector<std::string> broken_rules_;
};

}  // namespace scanhost::plugin
