// SPDX-License-Identifier: Apache-2.0
//
// Reading the document; what a later host adds to it does not matter.
#include "status.hpp"

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

scanner_status scanner_of(const json& scanner) {
  const auto totals = scanner.value("totals", json::object());
  const auto count = [](const json& of, const char* name) {
    return number_in<std::uint64_t>(of, name).value_or(0);
  };
  scanner_status status;
  status.name = scanner.value("name", "");
  status.plugin = scanner.value("plugin", "");
  status.state = scanner.value("state", "");
  status.cycles = count(scanner, "cycles");
  status.processed = count(totals, "processed");
  status.unchanged = count(totals, "unchanged");
  status.errors = count(totals, "errors");
  status.skipped = count(totals, "skipped");
  status.backlog = number_in<std::uint64_t>(scanner, "backlog");
  status.oldest_overdue_ms = number_in<std::int64_t>(scanner, "oldest_overdue_ms");
  status.rate = number_in<double>(scanner, "processed_per_second").value_or(0);
  return status;
}

}  // namespace

std::optional<std::vector<scanner_status>> parse_status(std::string_view document) {
  const auto parsed = json::parse(document, nullptr, false);
  if (!parsed.is_object()) return std::nullopt;
  const auto scanners = parsed.find("scanners");
  if (scanners == parsed.end() || !scanners->is_array()) return std::nullopt;
  std::vector<scanner_status> statuses;
  for (const auto& scanner : *scanners) {
    if (scanner.is_object()) statuses.push_back(scanner_of(scanner));
  }
  return statuses;
}

}  // namespace scanhost::demo
