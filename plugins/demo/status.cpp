// SPDX-License-Identifier: Apache-2.0
#include "status.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace scanhost::demo {
namespace {

using nlohmann::json;

template <class Number>
std::optional<Number> number_in(const json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_number()) return std::nullopt;
  return found->get<Number>();
}

std::uint64_t count_in(const json& object, const char* name) {
  return number_in<std::uint64_t>(object, name).value_or(0);
}

scanner_status scanner_of(const json& scanner) {
  const auto totals = scanner.value("totals", json::object());
  return {scanner.value("name", ""),
          scanner.value("plugin", ""),
          scanner.value("state", ""),
          count_in(scanner, "cycles"),
          count_in(totals, "processed"),
          count_in(totals, "unchanged"),
          count_in(totals, "errors"),
          count_in(totals, "skipped"),
          number_in<std::uint64_t>(scanner, "backlog"),
          number_in<std::int64_t>(scanner, "oldest_overdue_ms"),
          number_in<double>(scanner, "processed_per_second").value_or(0)};
}

}  // namespace

std::optional<std::vector<scanner_status>> parse_status(std::string_view document) {
  const auto parsed = json::parse(document, nullptr, false);
  if (!parsed.is_object() || !parsed.contains("scanners") || !parsed["scanners"].is_array())
    return std::nullopt;
  std::vector<scanner_status> scanners;
  for (const auto& scanner : parsed["scanners"]) {
    if (scanner.is_object()) scanners.push_back(scanner_of(scanner));
  }
  return scanners;
}

bool have_begun(const std::vector<scanner_status>& scanners, std::size_t count) {
  return scanners.size() == count && std::ranges::all_of(scanners, [](const scanner_status& scanner) {
           return scanner.cycles > 0 || scanner.state == "cycling";
         });
}

}  // namespace scanhost::demo
