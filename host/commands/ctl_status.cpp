// SPDX-License-Identifier: Apache-2.0
#include "commands/ctl_status.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/counted.hpp"
#include "commands/ctl_status_details.hpp"
#include "commands/ctl_status_table.hpp"
#include "commands/ctl_status_values.hpp"
#include "commands/output.hpp"
#include "runner/record/pause_details.hpp"

namespace scanhost::commands {
namespace {

using nlohmann::json;
using shown::urgency;

std::string host_line(const json& host) {
  const auto now = shown::timestamp_of(host.at("now_ms"));
  return fmt::format("host           scanhost {}, up {}, at {}\n", shown::text(host.at("version")),
                     shown::span(now - shown::timestamp_of(host.at("started_ms"))),
                     shown::moment(host.at("now_ms")));
}

std::string store_line(const json& store, bool colors) {
  const auto state = shown::text(store.at("state"));
  const auto level = state == "up"           ? urgency::fine
                     : state == "connecting" ? urgency::noticed
                                             : urgency::trouble;
  const auto& detail = store.at("detail");
  return fmt::format("store          {}, {}{}{}\n", shown::text(store.at("url")),
                     shown::painted(state, level, colors), detail.is_null() ? "" : ": ",
                     detail.is_null() ? "" : shown::text(detail));
}

// Hosts of before do not say it.
std::string restart_needs(const json& configuration, bool colors) {
  std::vector<std::string> keys;
  for (const auto& key : configuration.value("needs_restart", json::array()))
    keys.push_back(shown::text(key));
  if (keys.empty()) return {};
  return fmt::format(", {} for {}", shown::painted("NEEDS A RESTART", urgency::noticed, colors),
                     fmt::join(keys, ", "));
}

std::string configuration_line(const json& configuration, bool colors) {
  const auto accepted = shown::moment(configuration.at("accepted_ms"));
  if (configuration.at("refused_ms").is_null())
    return fmt::format("configuration  accepted {}{}\n", accepted, restart_needs(configuration, colors));
  const auto& reason = configuration.at("reason");
  return fmt::format("configuration  {} {}, that of {} stays in force{}{}\n",
                     shown::painted("REFUSED", urgency::trouble, colors),
                     shown::moment(configuration.at("refused_ms")), accepted, reason.is_null() ? "" : ": ",
                     reason.is_null() ? "" : shown::text(reason));
}

std::string count_line(const json& host, const json& scanners) {
  if (const auto& reason = host.at("not_ready"); !reason.is_null())
    return fmt::format("scanners       none yet: {}\n", shown::text(reason));
  const auto ready =
      std::ranges::count_if(scanners, [](const json& scanner) { return scanner.at("ready").get<bool>(); });
  return fmt::format("scanners       {}, {} ready\n", scanners.size(), ready);
}

// Its state says by itself what is wrong, or that it has only just begun.
bool state_says_all(const json& scanner) {
  if (scanner.at("blocked").get<bool>() || scanner.at("store").at("state") == "down") return false;
  const auto& state = scanner.at("state");
  if (state == "starting" || state == "stopping" || state == "functions_missing") return true;
  const bool runs = state == "waiting" || state == "cycling" || state == "resting";
  return runs && scanner.at("cycles") == 0 && scanner.at("store_troubles").empty();
}

// Why scanners are not ready. Scanners with the same reason share a line.
std::string problems(const json& scanners) {
  std::vector<std::pair<std::string, std::vector<std::string>>> reasons;
  for (const auto& scanner : scanners) {
    const auto& not_ready = scanner.at("not_ready");
    if (not_ready.is_null() || state_says_all(scanner)) continue;
    const auto reason = shown::text(not_ready);
    auto found = std::ranges::find(reasons, reason, &decltype(reasons)::value_type::first);
    if (found == reasons.end()) found = reasons.insert(found, {reason, {}});
    found->second.push_back(shown::text(scanner.at("name")));
  }
  std::string text;
  for (const auto& [reason, names] : reasons)
    text += fmt::format("not ready: {}{} {}\n", names.size() > 1 ? "each of " : "", fmt::join(names, ", "),
                        reason);
  return text;
}

// Why scanners rest, or miss functions.
std::string waits(const json& scanners) {
  std::string text;
  for (const auto& scanner : scanners)
    if (const auto& functions = scanner.at("waits_for"); !functions.is_null())
      text += fmt::format("{} waits for {}\n", shown::text(scanner.at("name")), shown::text(functions));
  return text;
}

// Which scanners change nothing, and what they kept from the store.
std::string gated(const json& scanners) {
  std::string text;
  for (const auto& scanner : scanners) {
    const auto name = shown::text(scanner.at("name"));
    if (scanner.at("dry_run").get<bool>())
      text +=
          fmt::format("{} runs dry: held back commands={}\n", name, shown::count(scanner.at("held_back")));
    if (const auto refused = scanner.at("refused").get<std::uint64_t>(); refused > 0)
      text += fmt::format("{} is not permitted all that it asks for: refused commands={}\n", name, refused);
  }
  return text;
}

// Who paused which scanners, and why.
std::string pauses(const json& scanners) {
  std::string text;
  for (const auto& scanner : scanners) {
    const auto& pause = scanner.at("pause");
    if (pause.is_null()) continue;
    runner::pause_details details{pause.at("by").get<std::string>(), pause.at("reason").get<std::string>(),
                                  shown::timestamp_of(pause.at("at_ms")), std::nullopt};
    if (const auto& until = pause.at("until_ms"); !until.is_null())
      details.until = shown::timestamp_of(until);
    text +=
        shown::on_a_line(fmt::format("{} is {}", scanner.at("name").get<std::string>(), to_text(details))) +
        "\n";
  }
  return text;
}

std::string history_table(const json& scanners) {
  std::vector<std::vector<std::string>> rows{
      {"SCANNER", "WHEN", "GEN", "OUTCOME", "BUILD", "VERSION", "REASON"}};
  for (const auto& scanner : scanners)
    for (const auto& change : scanner.at("history"))
      rows.push_back({shown::text(scanner.at("name")), shown::moment(change.at("at_ms")),
                      shown::count(change.at("generation")), shown::text(change.at("outcome")),
                      shown::build(change.at("sha256")), shown::text(change.at("version")),
                      shown::text(change.at("reason"))});
  return table_of(rows);
}

std::string status_lines(const json& document, const status_view& view) {
  const auto& host = document.at("host");
  const auto& scanners = document.at("scanners");
  auto text = host_line(host) + store_line(host.at("store"), view.colors) +
              configuration_line(host.at("configuration"), view.colors);
  if (!view.details) text += count_line(host, scanners);
  if (!scanners.empty()) text += "\n";
  if (view.details)
    for (const auto& scanner : scanners) text += scanner_details(scanner, host.at("now_ms"));
  else if (!scanners.empty())
    text += scanners_table(scanners, host.at("now_ms"), view.columns, view.colors);
  const auto remarks = gated(scanners) + waits(scanners) + pauses(scanners) + problems(scanners);
  if (!remarks.empty()) text += "\n" + remarks;
  if (view.history) text += "\n" + history_table(scanners);
  return text;
}

}  // namespace

base::result<std::string> status_text(std::string_view status_json, const status_view& view) {
  try {
    return status_lines(json::parse(status_json), view);
  } catch (const json::exception& problem) {
    return base::fail(
        base::errc::data,
        fmt::format(
            "the host's status is not what this scanhost knows ({}); take the scanhost of the same version, or --json",
            problem.what()));
  }
}

}  // namespace scanhost::commands
