// SPDX-License-Identifier: Apache-2.0
#include "metrics/quantile.hpp"

#include <gtest/gtest.h>

namespace scanhost::metrics {
namespace {

const std::vector<double> bounds{1, 2, 10};

TEST(quantile, is_interpolated_within_its_bucket) {
  EXPECT_DOUBLE_EQ(quantile(0.5, bounds, {10, 0, 0, 0}).value(), 0.5);
  EXPECT_DOUBLE_EQ(quantile(0.75, bounds, {10, 0, 10, 0}).value(), 6);
}

TEST(quantile, is_the_bound_where_a_bucket_ends) {
  EXPECT_DOUBLE_EQ(quantile(0.5, bounds, {10, 0, 10, 0}).value(), 1);
  EXPECT_DOUBLE_EQ(quantile(1, bounds, {0, 3, 0, 0}).value(), 2);
}

TEST(quantile, passes_over_empty_buckets) { EXPECT_DOUBLE_EQ(quantile(0, bounds, {0, 4, 0, 0}).value(), 1); }

TEST(quantile, is_the_last_bound_for_what_lies_beyond_it) {
  EXPECT_DOUBLE_EQ(quantile(0.99, bounds, {1, 0, 0, 99}).value(), 10);
}

TEST(quantile, does_not_exist_without_observations) {
  EXPECT_FALSE(quantile(0.99, bounds, {0, 0, 0, 0}));
  EXPECT_FALSE(quantile(0.99, bounds, {}));
}

}  // namespace
}  // namespace scanhost::metrics
