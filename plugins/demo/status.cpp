// SPDX-License-Identifier: Apache-2.0
//
// Reading the document; what a later host adds to it does not matter.
#include "status.hpp"

#include <nlohmann/json.hpp>

namespace scanhost::demo {
namespace {

using nlohmann::json;

template <class Number>
std::optional<Number> number_in(const json& one, const char* name) {
  const auto found = one.find(name);
  if (found == one.end() || !found->is_number()) return std::nullopt;
  return found->get<Number>();
}

scanner_status scanner_of(const json& one) {
  const auto totals = one.value("totals", json::object());
  const auto count = [](const json& of, const char* name) {
    return number_in<std::uint64_t>(of, name).value_or(0);
  };
  scanner_status status;
  status.name = one.value("name", "");
  status.plugin = one.value("plugin", "");
  status.state = one.value("state", "");
  status.cycles = count(one, "cycles");
  status.processed = count(totals, "processed");
  status.unchanged = count(totals, "unchanged");
  status.errors = count(totals, "errors");
  status.skipped = count(totals, "skipped");
  status.backlog = number_in<std::uint64_t>(one, "backlog");
  status.oldest_overdue_ms = number_in<std::int64_t>(one, "oldest_overdue_ms");
  status.rate = number_in<double>(one, "processed_per_second").value_or(0);
  return status;
}

}  // namespace

std::optional<std::vector<scanner_status>> parse_status(std::string_view document) {
  const auto parsed = json::parse(document, nullptr, false);
  if (!parsed.is_object()) return std::nullopt;
  const auto scanners = parsed.find("scanners");
  if (scanners == parsed.end() || !scanners->is_array()) return std::nullopt;
  std::vector<scanner_status> all;
  for (const auto& one : *scanners) {
    if (one.is_object()) all.push_back(scanner_of(one));
  }
  return all;
}

}  // namespace scanhost::demo
