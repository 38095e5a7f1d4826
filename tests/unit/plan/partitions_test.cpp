// SPDX-License-Identifier: Apache-2.0
#include "plan/partitions.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace scanhost::plan {
namespace {

const config::family shard{"shard", "{shard:*}", 8, "config:shards", "count"};

TEST(partitions, takes_the_configured_count_first) {
  EXPECT_EQ(decide_count(shard, configured_count{4, "partitions.shard"}, std::nullopt).value(), 4u);
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
  EXPECT_EQ(decide_count(shard, configured_count{16, "partitions.shard"}, "16").value(), 16u);
}

TEST(partitions, refuses_a_configured_count_that_disagrees_with_the_store) {
  const auto count = decide_count(shard, configured_count{4, "partitions.shard"}, "16");
  ASSERT_FALSE(count);
  EXPECT_EQ(count.error().code, base::errc::config);
  EXPECT_THAT(count.error().message,
              testing::AllOf(testing::HasSubstr("partitions.shard"), testing::HasSubstr("says 4"),
                             testing::HasSubstr("says 16"), testing::HasSubstr("config:shards count")));
}

TEST(partitions, are_configured_for_the_scanner_before_the_family) {
  config::scanner_settings scanner;
  scanner.name = "sweeper@a";
  const config::partition_counts by_name{{"shard", 3}};
  EXPECT_EQ(find_configured(shard, scanner, by_name)->count, 3u);
  EXPECT_EQ(find_configured(shard, scanner, by_name)->path, "partitions.shard");
  scanner.partitions = {{"shard", 5}};
  EXPECT_EQ(find_configured(shard, scanner, by_name)->count, 5u);
  EXPECT_EQ(find_configured(shard, scanner, by_name)->path, "scanners.sweeper@a.partitions");
  EXPECT_FALSE(find_configured({"other", "{o:*}", 2, "", ""}, scanner, by_name));
}

}  // namespace
}  // namespace scanhost::plan
