// SPDX-License-Identifier: Apache-2.0
//
// The host table that one instance is lent, and its extensions: each function passes the call on to the
// settings, `scans` or `record`. On the scanner's thread, but for `wake`.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "base/log.hpp"
#include "base/redaction.hpp"
#include "plan/scanner_plan.hpp"
#include "plugin/instance_settings.hpp"
#include "runner/lent/lent_series.hpp"
#include "scanhost/detail/host_adapter.hpp"
#include "store/client.hpp"

namespace scanhost::runner {

class record;
class scans;
class member_offers;
class swept_family;

class services final : public detail::host_adapter {
 public:
  // All of these have to outlive it.
  services(const plan::scanner_plan& plan, runner::record& record, runner::scans& scans,
           const store::client& client, const swept_family& family, member_offers& members);

  // The instance has ended: its handles are not valid any more.
  void end_instance() { series_.release_all(); }

  // From now on the lines of the plugin that repeat are written, too.
  void write_repeated_lines() noexcept { holds_back_repeats_ = false; }

  // What a plugin says about itself, without the secrets that it was given.
  std::string redact(std::string_view text) const { return secrets_.apply(text); }

 private:
  const void* extension(std::string_view id) override;
  std::string_view scanner_name() override { return plan_.settings.name; }
  milliseconds interval() override { return plan_.settings.interval; }
  std::uint32_t page_size() override { return plan_.settings.page_size; }
  std::uint32_t partition_count(std::string_view family) override;
  const detail::option_value* option(std::string_view name) override;
  const scanhost_script* script(std::string_view source) override;
  bool function_available(std::string_view name) override;
  void log(std::int32_t level, std::string_view message, std::span<const scanhost_field> fields) override;
  std::int32_t log_level() override;

  std::int64_t now_ms(scanhost_scan* scan) override;
  std::int64_t route_now_ms(scanhost_scan* scan, std::string_view route) override;
  void set_scan_data(scanhost_scan* scan, void* data) override;
  scanhost_status execute(scanhost_scan* scan, const scanhost_command* commands, std::size_t count,
                          std::size_t stride, scanhost_on_replies on_replies, void* user) override;
  void replies_release(scanhost_scan* scan, const scanhost_replies* replies) override;
  scanhost_status next_page(scanhost_scan* scan, std::uint32_t pass, std::uint32_t acted,
                            scanhost_on_turn on_turn, void* user) override;
  scanhost_status after(scanhost_scan* scan, std::uint64_t delay_ms, scanhost_on_time on_time,
                        void* user) override;
  bool cancelled(scanhost_scan* scan) override;
  void finish(scanhost_scan* scan, const scanhost_result* result) override;
  void fail(scanhost_scan* scan, std::string_view message) override;

  std::int32_t mode() override { return plan_.settings.dry_run ? SCANHOST_MODE_DRY_RUN : SCANHOST_MODE_RUN; }
  std::string_view server_name() override { return kept(client_.server().name); }
  std::string_view server_version() override { return kept(client_.server().version); }
  bool is_cluster() override { return client_.server().cluster; }
  std::string_view plugin_path() override { return plan_.plugin.file.native(); }

  bool should_skip(scanhost_scan* scan, std::string_view item) override;
  void failure(scanhost_scan* scan, std::string_view item, std::string_view reason) override;
  void success(scanhost_scan* scan, std::string_view item) override;

  scanhost_metric* series(const detail::series_request& request) override;
  void record(scanhost_metric* metric, double value) override;
  void remove(scanhost_metric* metric) override;

  scanhost_status add_member(scanhost_scan* scan, std::string_view member) override;

  const scanhost_replies* blocking_execute(scanhost_scan* scan, const scanhost_command* commands,
                                           std::size_t count, std::size_t stride) override;
  std::uint32_t blocking_next_page(scanhost_scan* scan, std::uint32_t pass, std::uint32_t acted) override;
  void pause(scanhost_scan* scan, std::uint64_t delay_ms) override;

  std::uint64_t wake_token(scanhost_scan* scan) override;
  scanhost_status wait(scanhost_scan* scan, std::uint64_t token, std::uint64_t timeout_ms,
                       scanhost_on_ready on_ready, void* user) override;
  void wake(std::uint64_t token) override;  // any thread
  scanhost_status when_ready(scanhost_scan* scan, std::int32_t descriptor, std::uint32_t events,
                             std::uint64_t timeout_ms, scanhost_on_ready on_ready, void* user) override;

  // Null: it was taken.
  scanhost_status status_of(const char* refusal);

  // The text itself, or `room` with the text without its secrets.
  std::string_view redacted(std::string_view text, std::string& room) const;
  std::string_view kept(const std::string& text) { return *texts_.insert(text).first; }
  // Whether a line of this level is written each time that it comes.
  bool may_repeat(base::severity severity) const;
  void log_with_fields(base::severity severity, std::string_view line,
                       std::span<const scanhost_field> fields) const;
  scanhost_metric* series_without_secrets(const detail::series_request& request);

  const plan::scanner_plan& plan_;
  const plugin::instance_settings settings_;
  const base::redaction secrets_;
  runner::record& record_;
  runner::scans& scans_;
  const store::client& client_;
  const swept_family& family_;
  member_offers& members_;
  bool holds_back_repeats_ = true;
  lent_series series_;
  std::set<std::string, std::less<>>
      texts_;  // lent to the instance; there are as many as versions of the server
};

}  // namespace scanhost::runner
