// SPDX-License-Identifier: Apache-2.0
#include "admin/history_json.hpp"

#include <cmath>
#include <cstddef>
#include <nlohmann/json.hpp>

#include "base/json.hpp"

namespace scanhost::admin {
namespace {

using json = nlohmann::ordered_json;

constexpr int history_version = 1;

// Three digits are enough for a chart, and keep the text short.
json value_of(double rate) { return std::round(rate * 1000) / 1000; }
json value_of(std::uint64_t count) { return count; }
json value_of(base::milliseconds span) { return span.count(); }

template <class Value>
json list_of(const history::points& points, std::size_t moments,
             std::optional<Value> history::point::*member) {
  json list(json::array());
  for (auto i = points.size(); i < moments; ++i) list.push_back(nullptr);
  for (const auto& point : points) list.push_back(point.*member ? value_of(*(point.*member)) : json());
  return list;
}

json json_of(const std::string& name, const history::points& points, std::size_t moments) {
  using point = history::point;
  return {{"name", name},
          {"processed_per_second", list_of(points, moments, &point::processed_per_second)},
          {"unchanged_per_second", list_of(points, moments, &point::unchanged_per_second)},
          {"errors_per_second", list_of(points, moments, &point::errors_per_second)},
          {"lateness_p99_ms", list_of(points, moments, &point::lateness_p99)},
          {"backlog", list_of(points, moments, &point::backlog)},
          {"oldest_overdue_ms", list_of(points, moments, &point::oldest_overdue)}};
}

}  // namespace

std::string history_json(const history& hour, std::optional<std::string_view> scanner) {
  json object{{"version", history_version}, {"step_ms", history::step.count()}, {"at_ms", json::array()}};
  for (const auto& at : hour.moments()) object["at_ms"].push_back(at.time_since_epoch().count());
  object["scanners"] = json::array();
  for (const auto& [name, points] : hour.scanners())
    if (!scanner || *scanner == name)
      object["scanners"].push_back(json_of(name, points, hour.moments().size()));
  return base::json_line(object);
}

}  // namespace scanhost::admin
