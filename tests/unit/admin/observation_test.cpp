// SPDX-License-Identifier: Apache-2.0
#include "admin/observation.hpp"

#include <gmock/gmock.h>

#include <numeric>

#include "unit/admin/statuses.hpp"

namespace scanhost::admin {
namespace {

using testing::HasSubstr;
using testing::Not;

metrics::histogram lateness_series(metrics::registry& registry) {
  return registry.histogram(metrics::names::lateness, {{"scanner", "sweeper"}}, metrics::lateness_bounds());
}

TEST(observation, has_what_the_scanner_publishes) {
  metrics::registry registry;
  auto status = ready_scanner();
  status.totals.processed = 5;
  status.backlog = 7;
  status.oldest_overdue = base::milliseconds(1500);
  const auto seen = observe({status}, registry);
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen.front().scanner, "sweeper");
  EXPECT_EQ(seen.front().totals.processed, 5u);
  EXPECT_EQ(seen.front().backlog, 7u);
  EXPECT_EQ(seen.front().oldest_overdue, base::milliseconds(1500));
}

TEST(observation, has_the_lateness_that_the_scanner_counts) {
  metrics::registry registry;
  lateness_series(registry).observe(0.002, 3);
  const auto counts = observe({ready_scanner()}, registry).front().lateness;
  ASSERT_EQ(counts.size(), metrics::lateness_bounds().size() + 1);
  EXPECT_EQ(counts[1], 3u);
  EXPECT_EQ(std::accumulate(counts.begin(), counts.end(), 0u), 3u);
}

TEST(observation, leaves_the_series_to_its_owner) {
  metrics::registry registry;
  const auto owned = lateness_series(registry);
  observe({ready_scanner()}, registry);
  EXPECT_THAT(registry.text(), HasSubstr("scanhost_lateness_seconds"));
  registry.release(owned);
  EXPECT_THAT(registry.text(), Not(HasSubstr("scanhost_lateness_seconds_bucket")));
}

}  // namespace
}  // namespace scanhost::admin
