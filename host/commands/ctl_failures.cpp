// SPDX-License-Identifier: Apache-2.0
#include "commands/ctl_failures.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "base/clock.hpp"
#include "base/counted.hpp"
#include "base/time_text.hpp"
#include "commands/output.hpp"

namespace scanhost::commands {
namespace {

using nlohmann::json;

std::string time_of(const json& ms) {
  return ms.is_null() ? "-" : base::utc_text(base::timestamp(base::milliseconds(ms.get<std::int64_t>())));
}

// The host has escaped what came from the store and from plugins.
std::vector<std::string> failure_row(const json& failing) {
  const auto partition = failing.at("partition").get<std::string>();
  return {failing.at("scanner").get<std::string>(), partition.empty() ? "-" : partition,
          failing.at("item").get<std::string>(),    std::to_string(failing.at("times").get<std::uint64_t>()),
          time_of(failing.at("since_ms")),          failing.at("in_back_off").get<bool>() ? "yes" : "no",
          time_of(failing.at("next_try_ms")),       failing.at("last_message").get<std::string>()};
}

std::string table_of_failures(const json& document) {
  std::vector<std::vector<std::string>> rows{
      {"SCANNER", "PARTITION", "ITEM", "TIMES", "SINCE", "BACK-OFF", "NEXT TRY", "LAST MESSAGE"}};
  for (const auto& failing : document.at("failures")) rows.push_back(failure_row(failing));
  const auto left_out = document.at("left_out").get<std::uint64_t>();
  auto text = rows.size() > 1 ? table_of(rows) : std::string(left_out > 0 ? "" : "no item fails\n");
  if (left_out > 0)
    text += fmt::format("{} not listed here; --limit lists up to 1000\n",
                        base::counted(left_out, rows.size() > 1 ? "more item" : "item"));
  return text;
}

}  // namespace

base::result<std::string> failures_text(std::string_view failures_json) {
  try {
    return table_of_failures(json::parse(failures_json));
  } catch (const json::exception& problem) {
    return base::fail(
        base::errc::data,
        fmt::format(
            "the host's list of failures is not what this scanhost knows ({}); take the scanhost of the same version, or --json",
            problem.what()));
  }
}

}  // namespace scanhost::commands
