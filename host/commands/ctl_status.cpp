// SPDX-License-Identifier: Apache-2.0
#include "commands/ctl_status.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "base/clock.hpp"
#include "base/counted.hpp"
#include "base/size_text.hpp"
#include "base/time_text.hpp"
#include "commands/output.hpp"
#include "runner/record/pause_details.hpp"

namespace scanhost::commands {
namespace {

using nlohmann::json;
using row = std::vector<std::string>;

constexpr std::size_t digits_of_a_build = 12;

// Texts come from plugins and servers: nothing in them may move the terminal's cursor or break a row.
std::string cell(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
  return text;
}

std::string build(const json& of) {
  const auto digits = cell(of.at("sha256").get<std::string>().substr(0, digits_of_a_build));
  return digits.empty() ? "-" : digits;
}

std::string number(const json& value) { return std::to_string(value.get<std::uint64_t>()); }

base::timestamp timestamp_of(const json& ms) {
  return base::timestamp(base::milliseconds(ms.get<std::int64_t>()));
}

std::string moment(const json& ms) { return ms.is_null() ? "-" : base::utc_text(timestamp_of(ms)); }

std::string memory(const json& bytes) {
  return bytes.is_null() ? "-" : base::size_text(bytes.get<std::int64_t>());
}

std::string state(const json& scanner) {
  auto text = scanner.at("state").get<std::string>();
  std::replace(text.begin(), text.end(), '_', ' ');
  if (scanner.at("dry_run").get<bool>()) text = "DRY RUN, " + text;
  if (scanner.at("paused").get<bool>()) text += ", paused";
  if (scanner.at("probation").get<bool>()) text += ", on probation";
  if (const auto stuck = scanner.at("stuck_generations").get<std::uint64_t>(); stuck > 0)
    text += ", " + base::counted(stuck, "stuck generation");
  if (!scanner.at("memory_growth").is_null()) text += ", memory grows";
  if (const auto& cycle = scanner.at("last_cycle");
      !cycle.is_null() && cycle.at("beyond_allowance").get<std::uint64_t>() > 0)
    text += ", beyond its turns";
  if (const auto& level = scanner.at("log_level"); !level.is_null())
    text += ", log level " + level.get<std::string>();
  return cell(text);
}

std::string scanners_table(const json& scanners) {
  std::vector<row> rows{
      {"SCANNER", "STATE", "GEN", "BUILD", "SINCE", "CYCLES", "PROCESSED", "ERRORS", "CPU", "MEMORY"}};
  for (const auto& scanner : scanners)
    rows.push_back({cell(scanner.at("name").get<std::string>()), state(scanner),
                    number(scanner.at("generation")), build(scanner), moment(scanner.at("since_ms")),
                    number(scanner.at("cycles")), number(scanner.at("totals").at("processed")),
                    number(scanner.at("totals").at("errors")),
                    fmt::format("{:.1f}%", 100 * scanner.at("cpu_usage").get<double>()),
                    memory(scanner.at("memory_bytes"))});
  return table_of(rows);
}

// Its state says by itself what is wrong, or that it has only just begun.
bool state_says_all(const json& scanner) {
  if (scanner.at("blocked").get<bool>() || scanner.at("store").at("state") == "down") return false;
  const auto& state = scanner.at("state");
  const bool runs = state == "waiting" || state == "cycling" || state == "resting";
  return !runs || (scanner.at("cycles") == 0 && scanner.at("store_troubles").empty());
}

// Why scanners are not ready.
std::string problems(const json& scanners) {
  std::string text;
  for (const auto& scanner : scanners)
    if (const auto& reason = scanner.at("not_ready"); !reason.is_null() && !state_says_all(scanner))
      text += fmt::format("not ready: {} {}\n", cell(scanner.at("name").get<std::string>()),
                          cell(reason.get<std::string>()));
  return text;
}

// Why scanners rest, or miss functions.
std::string waits(const json& scanners) {
  std::string text;
  for (const auto& scanner : scanners)
    if (const auto& functions = scanner.at("waits_for"); !functions.is_null())
      text += fmt::format("{} waits for {}\n", cell(scanner.at("name").get<std::string>()),
                          cell(functions.get<std::string>()));
  return text;
}

// Which scanners change nothing, and what they kept from the store.
std::string gated(const json& scanners) {
  std::string text;
  for (const auto& scanner : scanners) {
    const auto name = cell(scanner.at("name").get<std::string>());
    if (scanner.at("dry_run").get<bool>())
      text += fmt::format("{} runs dry: held back commands={}\n", name, number(scanner.at("held_back")));
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
                                  timestamp_of(pause.at("at_ms")), std::nullopt};
    if (const auto& until = pause.at("until_ms"); !until.is_null()) details.until = timestamp_of(until);
    text += cell(fmt::format("{} is {}", scanner.at("name").get<std::string>(), to_text(details))) + "\n";
  }
  return text;
}

std::string history_table(const json& scanners) {
  std::vector<row> rows{{"SCANNER", "WHEN", "GEN", "OUTCOME", "BUILD", "VERSION", "REASON"}};
  for (const auto& scanner : scanners)
    for (const auto& change : scanner.at("history"))
      rows.push_back({cell(scanner.at("name").get<std::string>()), moment(change.at("at_ms")),
                      number(change.at("generation")), cell(change.at("outcome").get<std::string>()),
                      build(change), cell(change.at("version").get<std::string>()),
                      cell(change.at("reason").get<std::string>())});
  return table_of(rows);
}

}  // namespace

base::result<std::string> status_text(std::string_view status_json, bool history) {
  try {
    const auto scanners = json::parse(status_json).at("scanners");
    auto text =
        scanners_table(scanners) + gated(scanners) + waits(scanners) + pauses(scanners) + problems(scanners);
    if (history) text += "\n" + history_table(scanners);
    return text;
  } catch (const json::exception& problem) {
    return base::fail(
        base::errc::data,
        fmt::format(
            "the host's status is not what this scanhost knows ({}); take the scanhost of the same version, or --json",
            problem.what()));
  }
}

}  // namespace scanhost::commands
