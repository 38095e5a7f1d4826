// SPDX-License-Identifier: Apache-2.0
#include "admin/explain_json.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <tuple>

#include "admin/failures_json.hpp"
#include "base/escaped.hpp"
#include "base/json.hpp"

namespace scanhost::admin {
namespace {

using json = nlohmann::ordered_json;

constexpr int explanation_version = 1;

json moment_or_null(const std::optional<base::timestamp>& moment) {
  return moment ? json(moment->time_since_epoch().count()) : json();
}

json escaped_or_null(const std::string& text) { return text.empty() ? json() : json(base::escaped(text)); }

json json_of(const runner::item_finding& found) {
  return {{"partition", escaped_or_null(found.partition)},      {"index", escaped_or_null(found.index)},
          {"score", found.score ? json(*found.score) : json()}, {"due_ms", moment_or_null(found.due)},
          {"standing", runner::to_text(found.where)},           {"reason", base::escaped(found.reason)}};
}

struct entry {
  const scanner_explanation* explained;
  item_verdict verdict;

  // Smaller comes first.
  auto place() const {
    const bool is_concerned = verdict.where != standing::not_here && verdict.where != standing::unknown;
    return std::tuple(!verdict.acts, !is_concerned, !verdict.at, verdict.at.value_or(base::timestamp{}));
  }
};

json json_of(const entry& entry) {
  const auto& [explained, verdict] = entry;
  json object{{"scanner", explained->status.name},
              {"plugin", explained->status.plugin},
              {"standing", runner::to_text(verdict.where)},
              {"acts", verdict.acts},
              {"acts_at_ms", moment_or_null(verdict.at)},
              {"obstacles", json::array()},
              {"problem", escaped_or_null(explained->answer.problem)},
              {"partitions_asked", explained->answer.partitions_asked},
              {"partitions", explained->answer.partitions},
              {"findings", json::array()},
              {"failures", json::parse(failures_json(explained->failures)).at("failures")}};
  for (const auto& obstacle : verdict.obstacles) object["obstacles"].push_back(base::escaped(obstacle));
  for (const auto& found : explained->answer.findings) object["findings"].push_back(json_of(found));
  return object;
}

}  // namespace

std::string explain_json(std::string_view item, base::timestamp now,
                         const std::vector<scanner_explanation>& explained) {
  std::vector<entry> entries;
  entries.reserve(explained.size());
  for (const auto& scanner : explained) entries.push_back({&scanner, judge_item(scanner, now)});
  std::ranges::stable_sort(entries, {}, &entry::place);
  json object{{"version", explanation_version},
              {"item", base::escaped(item)},
              {"at_ms", now.time_since_epoch().count()},
              {"scanners", json::array()}};
  for (const auto& scanner : entries) object["scanners"].push_back(json_of(scanner));
  return base::json_line(object);
}

}  // namespace scanhost::admin
