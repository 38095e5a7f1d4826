// SPDX-License-Identifier: Apache-2.0
#include "admin/history_json.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace scanhost::admin {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

constexpr milliseconds start{1'700'000'000'000};

history two_points() {
  history hour;
  std::vector<std::uint64_t> lateness(metrics::lateness_bounds().size() + 1, 0);
  hour.add({{"sweeper", {}, lateness, {}, {}}}, base::steady_time(start), base::timestamp(start));
  observation seen{"sweeper", {}, lateness, 7, milliseconds(1500)};
  seen.totals.processed = 10;
  seen.totals.unchanged = 5;
  seen.totals.errors = 1;
  seen.lateness.at(0) = 100;
  observation younger{"younger", {}, lateness, 3, {}};
  const auto later = start + history::step;
  hour.add({seen, younger}, base::steady_time(later), base::timestamp(later));
  return hour;
}

TEST(history_json, has_every_member_of_a_scanner) {
  const auto object = json::parse(history_json(two_points()));
  EXPECT_EQ(object.at("version"), 1);
  EXPECT_EQ(object.at("step_ms"), 15'000);
  EXPECT_EQ(object.at("at_ms"), (json{1'700'000'000'000, 1'700'000'015'000}));
  const auto expected = json::parse(
      R"({"name": "sweeper", "processed_per_second": [null, 0.667], "unchanged_per_second": [null, 0.333],
          "errors_per_second": [null, 0.067], "lateness_p99_ms": [null, 1], "backlog": [null, 7],
          "oldest_overdue_ms": [null, 1500]})");
  EXPECT_EQ(object.at("scanners").at(0), expected);
}

TEST(history_json, fills_in_null_before_a_scanner_began) {
  const auto younger = json::parse(history_json(two_points())).at("scanners").at(1);
  EXPECT_EQ(younger.at("name"), "younger");
  EXPECT_EQ(younger.at("backlog"), (json{nullptr, 3}));
}

TEST(history_json, has_one_scanner_if_only_one_is_asked_for) {
  const auto scanners = json::parse(history_json(two_points(), "younger")).at("scanners");
  ASSERT_EQ(scanners.size(), 1u);
  EXPECT_EQ(scanners.at(0).at("name"), "younger");
}

// Twenty scanners with an hour behind them, and the longest numbers that occur.
TEST(history_json, is_bounded) {
  history hour;
  for (std::size_t i = 0; i < 2 * history::max_points; ++i) {
    std::vector<observation> scanners;
    for (int n = 0; n < 20; ++n) {
      auto& seen = scanners.emplace_back();
      seen.scanner = "scanner_" + std::to_string(n);
      seen.totals.processed = seen.totals.unchanged = seen.totals.errors = 1'234'567 * i;
      seen.backlog = 12'345'678;
      seen.oldest_overdue = std::chrono::hours(1000);
    }
    const auto now = start + static_cast<std::int64_t>(i) * history::step;
    hour.add(scanners, base::steady_time(now), base::timestamp(now));
  }
  EXPECT_LT(history_json(hour).size(), 400'000u);
  EXPECT_LT(history_json(hour, "scanner_7").size(), 24'000u);
}

}  // namespace
}  // namespace scanhost::admin
