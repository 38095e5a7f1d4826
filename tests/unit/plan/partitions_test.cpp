// SPDX-License-Identifier: Apache-2.0
#include "plan/partitions.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace scanhost::plan {
namespace {

const config::family shard{"shard", "{shard:*}", 8, "config:shards", "count"};

TEST(partitions, takes_the_configured_count_first) {
  EXPECT_EQ(decide_count(shard, 4, std::nullopt).value(), 4u);
}

TEST(partitions, takes_the_stored_count_before_the_default) {
  EXPECT_EQ(decide_count(shard, std::nullopt, "16").value(), 16u);
  EXPECT_EQ(decide_count(shard, std::nullopt, "+16").value(), 16u);
}

TEST(partitions, falls_back_to_the_default_when_the_stored_text_is_no_count) {
  for (const char* text : {"", "0", "65536", "-1", "8x", " 8", "8.0", "+"})
    EXPECT_EQ(decide_count(shard, std::nullopt, text).value(), 8u) << "'" << text << "'";
  EXPECT_EQ(decide_count(shard, std::nullopt, std::nullopt).value(), 8u);
}

TEST(partitions, accepts_a_configured_count_that_agrees_with_the_store) {
  EXPECT_EQ(decide_count(shard, 16, "16").value(), 16u);
}

TEST(partitions, refuses_a_configured_count_that_disagrees_with_the_store) {
  const auto count = decide_count(shard, 4, "16");
  ASSERT_FALSE(count);
  EXPECT_EQ(count.error().code, base::errc::config);
  EXPECT_THAT(count.error().message,
              testing::AllOf(testing::HasSubstr("partitions.shard"), testing::HasSubstr("says 4"),
                             testing::HasSubstr("says 16"), testing::HasSubstr("config:shards count")));
}

}  // namespace
}  // namespace scanhost::plan
