// SPDX-License-Identifier: Apache-2.0
#include "admin/status_json.hpp"

#include <nlohmann/json.hpp>

#include "admin/readiness.hpp"
#include "base/json.hpp"

namespace scanhost::admin {
namespace {

using json = nlohmann::ordered_json;

std::string_view text_of(store::connection_state state) {
  switch (state) {
    case store::connection_state::connecting:
      return "connecting";
    case store::connection_state::up:
      return "up";
    case store::connection_state::down:
      return "down";
    case store::connection_state::stopped:
      return "stopped";
  }
  return "unknown";
}

template <class Value>
json or_null(const std::optional<Value>& value) {
  return value ? json(*value) : json();
}

json json_of(const runner::item_counts& counts) {
  return {{"processed", counts.processed},
          {"unchanged", counts.unchanged},
          {"errors", counts.errors},
          {"skipped", counts.skipped},
          {"beyond_allowance", counts.beyond_allowance}};
}

}  // namespace

json cycle_json(const runner::cycle_report& cycle) {
  auto object = json_of(cycle.counts);
  object["backlog"] = or_null(cycle.backlog);
  object["elapsed_ms"] = static_cast<double>(cycle.elapsed.count()) / 1000;
  return object;
}

namespace {

json json_of(const store::client_status& store) {
  return {{"state", text_of(store.state)},  {"endpoint", store.endpoint},
          {"last_error", store.last_error}, {"reconnects", store.reconnects},
          {"in_flight", store.in_flight},   {"unreachable", store.unreachable}};
}

json json_of(const std::vector<runner::store_trouble>& troubles) {
  auto array = json::array();
  for (const auto& trouble : troubles)
    array.push_back({{"state", store::label_of(trouble.state)},
                     {"text", trouble.text},
                     {"since_ms", trouble.since.time_since_epoch().count()},
                     {"commands", trouble.commands}});
  return array;
}

json ms_or_null(const std::optional<std::chrono::microseconds>& latency) {
  return latency ? json(static_cast<double>(latency->count()) / 1000) : json();
}

json json_of(const store::rate_status& rate) {
  return {{"commands_per_second", rate.commands_per_s},
          {"target_latency_ms", ms_or_null(rate.target_latency)},
          {"latency_ms", ms_or_null(rate.latency)},
          {"waiting", rate.waiting},
          {"waited_ms", rate.waited.count()}};
}

json json_of(const runner::generation_change& change) {
  return {{"generation", change.generation}, {"sha256", change.sha256},
          {"version", change.version},       {"at_ms", change.at.time_since_epoch().count()},
          {"outcome", change.outcome},       {"reason", change.reason}};
}

json json_of(const std::vector<runner::generation_change>& changes) {
  auto array = json::array();
  for (const auto& change : changes) array.push_back(json_of(change));
  return array;
}

std::int64_t ms_of(base::timestamp at) { return at.time_since_epoch().count(); }

// The epoch stands for never.
json ms_or_null(base::timestamp at) { return at > base::timestamp{} ? json(ms_of(at)) : json(); }

json ms_or_null(const std::optional<base::timestamp>& at) { return at ? json(ms_of(*at)) : json(); }

json text_or_null(const std::string& text) { return text.empty() ? json() : json(text); }

json json_of(const reload::configuration_state& configuration) {
  return {{"accepted_ms", ms_or_null(configuration.accepted)},
          {"refused_ms", ms_or_null(configuration.refused)},
          {"reason", text_or_null(configuration.reason)},
          {"needs_restart", configuration.needs_restart}};
}

json json_of(const std::vector<reload::blocked_build>& builds) {
  auto array = json::array();
  for (const auto& build : builds)
    array.push_back({{"sha256", build.sha256},
                     {"plugin", build.plugin},
                     {"scanner", build.scanner},
                     {"reason", build.reason},
                     {"since_ms", ms_of(build.since)}});
  return array;
}

json json_of(const host_status& host) {
  return {{"version", host.facts.version},
          {"started_ms", ms_of(host.facts.started)},
          {"now_ms", ms_of(host.facts.now)},
          {"ready", host.ready},
          {"not_ready", text_or_null(host.facts.not_ready)},
          {"store",
           {{"url", host.facts.store_url},
            {"state", to_text(host.store.availability)},
            {"detail", text_or_null(host.store.detail)}}},
          {"configuration", json_of(host.facts.configuration)},
          {"blocked_builds", json_of(host.facts.blocked_builds)}};
}

double seconds(std::chrono::duration<double> span) { return span.count(); }

json json_of(const runner::steady_growth& growth) {
  return {{"bytes", growth.bytes},
          {"cycles", growth.cycles},
          {"bytes_per_cycle", growth.bytes_per_cycle()},
          {"span_ms", growth.span.count()}};
}

json json_of(const runner::pause_details& pause) {
  return {{"by", pause.by},
          {"reason", pause.reason},
          {"at_ms", ms_of(pause.at)},
          {"until_ms", ms_or_null(pause.until)}};
}

json json_of(const metrics::process_usage& process) {
  return {{"cpu_seconds", process.cpu_seconds},
          {"resident_memory_bytes", process.resident_bytes},
          {"virtual_memory_bytes", process.virtual_bytes},
          {"open_fds", process.open_fds},
          {"max_fds", process.max_fds},
          {"threads", process.threads}};
}

json span_or_null(const std::optional<base::milliseconds>& span) {
  return span ? json(span->count()) : json();
}

json json_of(const runner::scanner_status& scanner, const history& hour) {
  const auto not_ready = reason_not_ready(scanner);
  return {{"name", scanner.name},
          {"plugin", scanner.plugin},
          {"plugin_version", scanner.plugin_version},
          {"state", to_text(scanner.state)},
          {"ready", not_ready.empty()},
          {"not_ready", not_ready.empty() ? json() : json(not_ready)},
          {"waits_for", scanner.waits_for ? json(scanner.waits_for->functions) : json()},
          {"generation", scanner.generation},
          {"sha256", scanner.sha256},
          {"since_ms", ms_or_null(scanner.since)},
          {"dry_run", scanner.dry_run},
          {"held_back", scanner.held_back},
          {"refused", scanner.refused},
          {"paused", scanner.paused},
          {"pause", scanner.paused ? json_of(scanner.pause) : json()},
          {"blocked", scanner.blocked},
          {"probation", scanner.on_probation},
          {"log_level", scanner.log_level ? json(base::to_text(*scanner.log_level)) : json()},
          {"history", json_of(scanner.history)},
          {"interval_ms", scanner.interval.count()},
          {"family", scanner.family},
          {"partitions", scanner.partitions},
          {"cycles", scanner.cycles},
          {"totals", json_of(scanner.totals)},
          {"last_cycle", scanner.last_cycle ? cycle_json(*scanner.last_cycle) : json()},
          {"last_cycle_at_ms", ms_or_null(scanner.last_cycle_at)},
          {"next_cycle_ms", ms_or_null(scanner.next_cycle)},
          {"backlog", or_null(scanner.backlog)},
          {"backlog_clears_in_ms", span_or_null(hour.backlog_clears_in(scanner.name))},
          {"oldest_overdue_ms", span_or_null(scanner.oldest_overdue)},
          {"lateness_p99_ms", span_or_null(hour.lateness_p99(scanner.name))},
          {"items_in_back_off", scanner.items_in_back_off},
          {"restarts", scanner.restarts},
          {"stuck_generations", scanner.stuck_generations},
          {"pinned_builds", scanner.pinned_builds},
          {"last_error", scanner.last_error},
          {"processed_per_second", scanner.processed_per_second},
          {"cpu_seconds", seconds(scanner.cpu_time)},
          {"cpu_usage", scanner.cpu_usage},
          {"memory_bytes", or_null(scanner.memory_bytes)},
          {"memory_growth", scanner.memory_growth ? json_of(*scanner.memory_growth) : json()},
          {"rate_limit", scanner.store.rate ? json_of(*scanner.store.rate) : json()},
          {"store", json_of(scanner.store)},
          {"store_troubles", json_of(scanner.store_troubles)},
          {"store_errors", scanner.store_errors}};
}

}  // namespace

std::string status_json(const std::vector<runner::scanner_status>& scanners, command_access commands,
                        const std::optional<metrics::process_usage>& process,
                        const std::optional<host_status>& host, const history* hour) {
  json object{{"version", status_version}};
  if (host) object["host"] = json_of(*host);
  object["scanners"] = json::array();
  static const history nothing;
  for (const auto& scanner : scanners)
    object["scanners"].push_back(json_of(scanner, hour != nullptr ? *hour : nothing));
  object["control"] = commands == command_access::granted;
  object["needs_token"] = commands == command_access::needs_token;
  if (process) object["process"] = json_of(*process);
  return base::json_line(object);
}

}  // namespace scanhost::admin
