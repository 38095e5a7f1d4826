// SPDX-License-Identifier: Apache-2.0
#include "commands/ctl_status_details.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "base/counted.hpp"
#include "commands/ctl_status_values.hpp"
#include "config/quantity.hpp"

namespace scanhost::commands {
namespace {

using nlohmann::json;

std::string state_in_full(const json& scanner) {
  auto words = shown::text(scanner.at("state"));
  std::ranges::replace(words, '_', ' ');
  if (scanner.at("dry_run").get<bool>()) words = "DRY RUN, " + words;
  if (scanner.at("paused").get<bool>()) words += ", paused";
  if (scanner.at("blocked").get<bool>()) words += ", its build is blocked";
  if (scanner.at("probation").get<bool>()) words += ", on probation";
  if (const auto stuck = scanner.at("stuck_generations").get<std::uint64_t>(); stuck > 0)
    words += ", " + base::counted(stuck, "stuck generation");
  return words;
}

std::string counts_in_full(const json& counts) {
  return fmt::format("processed {}, unchanged {}, errors {}, skipped {}, beyond its turns {}",
                     shown::count(counts.at("processed")), shown::count(counts.at("unchanged")),
                     shown::count(counts.at("errors")), shown::count(counts.at("skipped")),
                     shown::count(counts.at("beyond_allowance")));
}

std::string last_cycle(const json& scanner) {
  const auto& cycle = scanner.at("last_cycle");
  if (cycle.is_null()) return "-";
  return fmt::format("{}, {:.1f}ms, {}", shown::moment(scanner.at("last_cycle_at_ms")),
                     cycle.at("elapsed_ms").get<double>(), counts_in_full(cycle));
}

std::string next_cycle(const json& scanner, const json& now_ms) {
  const auto& next = scanner.at("next_cycle_ms");
  if (next.is_null()) return "-";
  const base::milliseconds wait(next.get<std::int64_t>() - now_ms.get<std::int64_t>());
  return fmt::format("{}, in {}", shown::moment(next), shown::span(wait));
}

std::string memory(const json& scanner) {
  auto in_use = shown::size(scanner.at("memory_bytes"));
  const auto& growth = scanner.at("memory_growth");
  if (growth.is_null()) return in_use;
  return fmt::format("{}, memory grows: {} more after {} cycles", in_use, shown::size(growth.at("bytes")),
                     shown::count(growth.at("cycles")));
}

std::string connection(const json& store) {
  const auto error = shown::text(store.at("last_error"));
  return fmt::format("{}, {}, reconnects {}{}{}", shown::text(store.at("endpoint")),
                     shown::text(store.at("state")), shown::count(store.at("reconnects")),
                     error.empty() ? "" : ", last error: ", error);
}

std::string in_ms(const json& ms) { return fmt::format("{:.3g}ms", ms.get<double>()); }

// "420/s, latency 1.8ms of 2ms, 35 commands wait"
std::string limit(const json& rate) {
  if (rate.is_null()) return "none";
  auto text = shown::rate(rate.at("commands_per_second").get<double>());
  const auto &target = rate.at("target_latency_ms"), &latency = rate.at("latency_ms");
  if (!target.is_null())
    text +=
        fmt::format(", latency {} of {}", latency.is_null() ? "not measured" : in_ms(latency), in_ms(target));
  const auto waiting = rate.at("waiting").get<std::uint64_t>();
  if (waiting > 0)
    text += fmt::format(", {} {}", base::counted(waiting, "command"), waiting == 1 ? "waits" : "wait");
  return text;
}

std::string or_dash(const std::string& text) { return text.empty() ? "-" : text; }

// "2,390, gone in about 4m"; hosts of before do not foresee it.
std::string backlog(const json& scanner) {
  const auto clears_in = scanner.value("backlog_clears_in_ms", json());
  auto count = or_dash(shown::count(scanner.at("backlog")));
  if (clears_in.is_null() || clears_in == 0) return count;
  return fmt::format("{}, gone in about {}", count,
                     shown::span(base::milliseconds(clears_in.get<std::int64_t>())));
}

std::string restart_text(const json& scanner) {
  const auto error = shown::text(scanner.at("last_error"));
  return fmt::format("{}{}{}", shown::count(scanner.at("restarts")),
                     error.empty() ? "" : ", last error: ", error);
}

std::string labelled(const std::vector<std::pair<std::string_view, std::string>>& lines) {
  std::string text;
  for (const auto& [label, value] : lines) text += fmt::format("{:<14}  {}\n", label, value);
  return text;
}

}  // namespace

std::string scanner_details(const json& scanner, const json& now_ms) {
  const auto interval = base::milliseconds(scanner.at("interval_ms").get<std::int64_t>());
  const auto& level = scanner.at("log_level");
  return labelled(
      {{"scanner", shown::text(scanner.at("name"))},
       {"plugin",
        fmt::format("{} {}", shown::text(scanner.at("plugin")), shown::text(scanner.at("plugin_version")))},
       {"state", state_in_full(scanner)},
       {"generation", fmt::format("{}, build {}, since {}", shown::count(scanner.at("generation")),
                                  shown::build(scanner.at("sha256")), shown::moment(scanner.at("since_ms")))},
       {"last cycle", last_cycle(scanner)},
       {"next cycle", next_cycle(scanner, now_ms)},
       {"interval", config::format_duration(interval)},
       {"cycles", fmt::format("{} completed", shown::count(scanner.at("cycles")))},
       {"totals", counts_in_full(scanner.at("totals"))},
       {"rate", shown::rate(scanner.at("processed_per_second").get<double>())},
       {"limit", limit(scanner.at("rate_limit"))},
       {"oldest overdue", shown::span_or_dash(scanner.at("oldest_overdue_ms"))},
       {"lateness p99", shown::span_or_dash(scanner.value("lateness_p99_ms", json()))},
       {"back-off", base::counted(scanner.at("items_in_back_off").get<std::uint64_t>(), "item")},
       {"backlog", backlog(scanner)},
       {"partitions", fmt::format("{} of {}", shown::count(scanner.at("partitions")),
                                  or_dash(shown::text(scanner.at("family"))))},
       {"restarts", restart_text(scanner)},
       {"store", connection(scanner.at("store"))},
       {"cpu", fmt::format("{:.1f}% of a core, {:.1f}s in all", 100 * scanner.at("cpu_usage").get<double>(),
                           scanner.at("cpu_seconds").get<double>())},
       {"memory", memory(scanner)},
       {"pinned builds", fmt::format("{} unused", shown::count(scanner.at("pinned_builds")))},
       {"log level", level.is_null() ? "that of the host" : shown::text(level)}});
}

}  // namespace scanhost::commands
