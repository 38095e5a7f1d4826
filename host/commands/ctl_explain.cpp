// SPDX-License-Identifier: Apache-2.0
#include "commands/ctl_explain.hpp"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/clock.hpp"
#include "base/time_text.hpp"

namespace scanhost::commands {
namespace {

using nlohmann::json;

std::string utc_of(const json& ms) {
  return base::utc_text(base::timestamp(base::milliseconds(ms.get<std::int64_t>())));
}

// "1700000000000", not "1.7e+12".
std::string number_of(double value) {
  constexpr double max_exact = 9.0e15;
  return std::abs(value) < max_exact && value == std::floor(value) ? fmt::format("{:.0f}", value)
                                                                   : fmt::format("{}", value);
}

std::string place_of(const json& found) {
  std::string place;
  const auto add = [&](const std::string& text) { place += (place.empty() ? "" : ", ") + text; };
  if (found.at("index").is_string())
    add(found.at("index").get<std::string>());
  else if (found.at("partition").is_string())
    add(found.at("partition").get<std::string>());
  if (found.at("score").is_number()) add("score " + number_of(found.at("score").get<double>()));
  if (found.at("due_ms").is_number()) add("due " + utc_of(found.at("due_ms")));
  return place;
}

std::string finding_line(const json& found) {
  const auto place = place_of(found);
  return fmt::format("  {:<9} {}{}\n", found.at("standing").get<std::string>(),
                     found.at("reason").get<std::string>(), place.empty() ? "" : " (" + place + ")");
}

std::string action_of(const json& scanner) {
  const auto name = scanner.at("scanner").get<std::string>();
  if (!scanner.at("acts").get<bool>()) return name + " does not act on it at present\n";
  const auto& at = scanner.at("acts_at_ms");
  return at.is_null() ? name + " will act on it\n" : fmt::format("{} acts on it at {}\n", name, utc_of(at));
}

std::string failures_of(const json& failing) {
  const auto times = failing.at("times").get<std::uint64_t>();
  const auto message = failing.at("last_message").get<std::string>();
  return fmt::format("  failed    {} {}{}\n", times, times == 1 ? "time" : "times",
                     message.empty() ? "" : ", the last with: " + message);
}

std::string section_of(const json& scanner) {
  auto text = action_of(scanner);
  for (const auto& obstacle : scanner.at("obstacles"))
    text += fmt::format("  kept back {}\n", obstacle.get<std::string>());
  for (const auto& found : scanner.at("findings")) text += finding_line(found);
  for (const auto& failing : scanner.at("failures")) text += failures_of(failing);
  if (scanner.at("problem").is_string())
    text += fmt::format("  problem   {}\n", scanner.at("problem").get<std::string>());
  return text + "\n";
}

bool is_told_in_full(const json& scanner) {
  return scanner.at("standing") != "not_here" || !scanner.at("failures").empty() ||
         !scanner.at("problem").is_null();
}

std::string explanation_of(const json& document) {
  const auto& scanners = document.at("scanners");
  auto text =
      fmt::format("{} at {}\n\n", document.at("item").get<std::string>(), utc_of(document.at("at_ms")));
  std::string others;
  for (const auto& scanner : scanners) {
    if (scanners.size() == 1 || is_told_in_full(scanner))
      text += section_of(scanner);
    else
      others += (others.empty() ? "" : ", ") + scanner.at("scanner").get<std::string>();
  }
  if (!others.empty()) text += "nothing to do with it: " + others + "\n";
  return text;
}

}  // namespace

base::result<std::string> explain_text(std::string_view explain_json) {
  try {
    return explanation_of(json::parse(explain_json));
  } catch (const json::exception& problem) {
    return base::fail(
        base::errc::data,
        fmt::format(
            "the host's explanation is not what this scanhost knows ({}); take the scanhost of the same version, or --json",
            problem.what()));
  }
}

}  // namespace scanhost::commands
