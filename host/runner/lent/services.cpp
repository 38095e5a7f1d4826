// SPDX-License-Identifier: Apache-2.0
#include "runner/lent/services.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "runner/instance/abi_reading.hpp"
#include "runner/scan/member_offers.hpp"
#include "runner/scan/scans.hpp"

namespace scanhost::runner {
namespace {

base::severity severity_of(std::int32_t level) noexcept {
  if (level <= SCANHOST_LOG_TRACE) return base::severity::trace;
  if (level >= SCANHOST_LOG_ERROR) return base::severity::error;
  return static_cast<base::severity>(level);
}

// The same for the same line.
std::uint64_t hash_of(base::severity level, std::string_view line, std::string_view partition,
                      std::span<const scanhost_field> fields) {
  std::uint64_t hash = static_cast<std::uint64_t>(level);
  const auto add = [&](std::string_view text) {
    hash = hash * 0x9e3779b97f4a7c15u + std::hash<std::string_view>()(text);
  };
  add(line);
  add(partition);
  for (const auto& field : fields) {
    add(view(field.name));
    add(view(field.value));
  }
  return hash;
}

}  // namespace

services::services(const plan::scanner_plan& plan, runner::record& record, runner::scans& scans,
                   const store::client& client, const swept_family& family, member_offers& members)
    : plan_(plan),
      settings_(plugin::settings_of(plan.settings)),
      secrets_(plugin::redaction_of(plan.plugin.description, settings_)),
      record_(record),
      scans_(scans),
      client_(client),
      family_(family),
      members_(members),
      series_(record.series()) {}

// Most scanners have no secret, and most calls come from them.
std::string_view services::redacted(std::string_view text, std::string& room) const {
  if (secrets_.empty()) return text;
  room = secrets_.apply(text);
  return room;
}

// --- settings

const void* services::extension(std::string_view id) {
  if (id == SCANHOST_EXT_BLOCKING && !plan_.plugin.description.serial) return nullptr;
  return own_extension(id);
}

std::uint32_t services::partition_count(std::string_view family) {
  if (family == family_.name()) return family_.count();
  const auto& families = plan_.plugin.description.families;
  const auto described = std::ranges::find(families, family, &config::family::name);
  return described == families.end() ? 0 : plan::partition_count(plan_, *described);
}

const detail::option_value* services::option(std::string_view name) {
  const auto found = settings_.values.find(name);
  return found == settings_.values.end() ? nullptr : &found->second;
}

const scanhost_script* services::script(std::string_view source) {
  if (source.empty()) return null_because("the source of the script is empty");
  return scans_.admits_calls() ? scans_.scripts().declare(source) : nullptr;
}

bool services::function_available(std::string_view name) {
  const auto& plugin = plan_.plugin.description;
  const bool declared = std::ranges::count(plugin.functions, name) > 0 ||
                        std::ranges::count(plugin.optional_functions, name) > 0;
  const auto found = plan_.functions ? plan_.functions->latest() : nullptr;
  return declared && found && found->functions.contains(name);
}

std::int32_t services::log_level() {
  auto level = std::int32_t{SCANHOST_LOG_TRACE};
  while (level < SCANHOST_LOG_ERROR && !base::logs(severity_of(level), plan_.settings.name)) ++level;
  return level;
}

// One line stays one line, whatever a plugin writes. When the store is to blame, the host says so once; what
// a plugin says about each of its calls is for debugging then.
void services::log(std::int32_t level, std::string_view message, std::span<const scanhost_field> fields) {
  auto severity = severity_of(level);
  if (severity > base::severity::debug && scans_.served_scan_spares_items()) severity = base::severity::debug;
  if (!base::logs(severity, plan_.settings.name)) return;
  auto line = secrets_.apply(message);
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r' || c == '\0'; }, ' ');
  if (!may_repeat(severity)) {
    const auto admitted =
        record_.admit_line(hash_of(severity, line, scans_.served_tag(), fields), scans_.served_since());
    if (!admitted.write) return;
    if (admitted.held_back > 0) line += fmt::format(" (held back {} times)", admitted.held_back);
  }
  log_with_fields(severity, line, fields);
}

bool services::may_repeat(base::severity severity) const {
  return !holds_back_repeats_ || severity < base::severity::warn ||
         base::logs(base::severity::debug, plan_.settings.name);
}

void services::log_with_fields(base::severity severity, std::string_view line,
                               std::span<const scanhost_field> fields) const {
  std::vector<std::string> texts;  // reserved: the fields point into it
  texts.reserve(2 * fields.size());
  const auto shown = [&](scanhost_string text) -> std::string_view {
    return secrets_.empty() ? view(text) : texts.emplace_back(secrets_.apply(view(text)));
  };
  std::vector<base::log_field> written;
  written.reserve(fields.size());
  for (const auto& field : fields) written.push_back({shown(field.name), shown(field.value)});
  base::log_plugin_message(severity, plan_.settings.name, line, scans_.served_tag(), written);
}

scanhost_status services::status_of(const char* refusal) {
  return refusal == nullptr ? scanhost_status{SCANHOST_OK} : invalid(refusal);
}

// --- scanning

std::int64_t services::now_ms(scanhost_scan* scan) { return scans_.now_ms(scan); }

std::int64_t services::route_now_ms(scanhost_scan* scan, std::string_view route) {
  return scans_.route_now_ms(scan, route);
}

void services::set_scan_data(scanhost_scan* scan, void* data) { scans_.set_data(scan, data); }

scanhost_status services::execute(scanhost_scan* scan, const scanhost_command* commands, std::size_t count,
                                  std::size_t stride, scanhost_on_replies on_replies, void* user) {
  return status_of(scans_.execute(scan, commands, count, stride, on_replies, user));
}

void services::replies_release(scanhost_scan* scan, const scanhost_replies* replies) {
  scans_.release(scan, replies);
}

scanhost_status services::next_page(scanhost_scan* scan, std::uint32_t pass, std::uint32_t acted,
                                    scanhost_on_turn on_turn, void* user) {
  return status_of(scans_.next_page(scan, pass, acted, on_turn, user));
}

scanhost_status services::after(scanhost_scan* scan, std::uint64_t delay_ms, scanhost_on_time on_time,
                                void* user) {
  return status_of(scans_.after(scan, delay_ms, on_time, user));
}

bool services::cancelled(scanhost_scan* scan) { return scans_.cancelled(scan); }
void services::finish(scanhost_scan* scan, const scanhost_result* result) { scans_.finish(scan, result); }
void services::fail(scanhost_scan* scan, std::string_view message) { scans_.fail(scan, message); }

// --- scanhost.failures/1

bool services::should_skip(scanhost_scan* scan, std::string_view item) {
  const auto* partition = scans_.tag_of(scan);
  std::string room;
  if (scans_.explains(scan)) return false;
  return partition != nullptr && record_.should_skip(*partition, redacted(item, room));
}
void services::failure(scanhost_scan* scan, std::string_view item, std::string_view reason) {
  if (scans_.spares_items(scan) || scans_.explains(scan)) return;
  std::string item_room, reason_room;
  if (const auto* partition = scans_.tag_of(scan))
    record_.add_failure(*partition, redacted(item, item_room), redacted(reason, reason_room));
}
void services::success(scanhost_scan* scan, std::string_view item) {
  if (scans_.explains(scan)) return;
  std::string room;
  if (const auto* partition = scans_.tag_of(scan)) record_.add_success(*partition, redacted(item, room));
}

// --- scanhost.metrics/1

scanhost_metric* services::series_without_secrets(const detail::series_request& request) {
  if (secrets_.empty()) return series_.series(request);
  const auto help = secrets_.apply(request.help);
  std::vector<std::string> values;  // reserved: the labels point into it
  values.reserve(request.labels.size());
  std::vector<scanhost_field> labels(request.labels.begin(), request.labels.end());
  for (auto& label : labels) label.value = to_c(values.emplace_back(secrets_.apply(view(label.value))));
  return series_.series({request.kind, request.name, help, labels, request.bounds});
}

scanhost_metric* services::series(const detail::series_request& request) {
  auto* metric = series_without_secrets(request);
  return metric != nullptr
             ? metric
             : null_because(
                   "series: a name or a label is not valid, its kind or labels are others than before, or the scanner has 1,000 series");
}
void services::record(scanhost_metric* metric, double value) { series_.record(metric, value); }
void services::remove(scanhost_metric* metric) { series_.remove(metric); }

// --- scanhost.members/1

scanhost_status services::add_member(scanhost_scan* scan, std::string_view member) {
  if (family_.description().members != config::member_source::plugin)
    return invalid("add: the first family's members are not SCANHOST_MEMBERS_FROM_PLUGIN");
  if (!scans_.begins_cycle(scan)) return invalid("add: the scan is not that of begin_cycle, or it is over");
  const auto reason = members_.add(member);
  return reason.empty() ? SCANHOST_OK : invalid("add: the member " + std::string(reason));
}

// --- scanhost.blocking/1

const scanhost_replies* services::blocking_execute(scanhost_scan* scan, const scanhost_command* commands,
                                                   std::size_t count, std::size_t stride) {
  const char* refusal = nullptr;
  const auto* replies = scans_.execute_and_wait(scan, commands, count, stride, refusal);
  if (refusal != nullptr) invalid(refusal);
  return replies;
}
std::uint32_t services::blocking_next_page(scanhost_scan* scan, std::uint32_t pass, std::uint32_t acted) {
  return scans_.wait_for_page(scan, pass, acted);
}
void services::pause(scanhost_scan* scan, std::uint64_t delay_ms) { scans_.pause(scan, delay_ms); }

// --- scanhost.waiting/1

std::uint64_t services::wake_token(scanhost_scan* scan) {
  const auto token = scans_.wake_token(scan);
  if (token == 0) invalid("wake_token: no such scan is under way");
  return token;
}

scanhost_status services::wait(scanhost_scan* scan, std::uint64_t token, std::uint64_t timeout_ms,
                               scanhost_on_ready on_ready, void* user) {
  const auto refusal = scans_.wait_for_wake(scan, token, timeout_ms, on_ready, user);
  return refusal.empty() ? scanhost_status{SCANHOST_OK} : invalid(refusal);
}

void services::wake(std::uint64_t token) { scans_.wake(token); }

scanhost_status services::when_ready(scanhost_scan* scan, std::int32_t descriptor, std::uint32_t events,
                                     std::uint64_t timeout_ms, scanhost_on_ready on_ready, void* user) {
  const auto refusal = scans_.wait_for_descriptor(scan, descriptor, events, timeout_ms, on_ready, user);
  return refusal.empty() ? scanhost_status{SCANHOST_OK} : invalid(refusal);
}

}  // namespace scanhost::runner
