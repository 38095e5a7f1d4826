// SPDX-License-Identifier: Apache-2.0
#include "runner/scan/partition_scans.hpp"

#include <gtest/gtest.h>

namespace scanhost::runner {
namespace {

TEST(partition_scans, knows_when_the_scan_before_started) {
  partition_scans scans;
  EXPECT_EQ(scans.start(3, 4, 1000), 0);
  scans.end(3);
  EXPECT_EQ(scans.start(3, 4, 2000), 1000);
}

TEST(partition_scans, keeps_partitions_apart) {
  partition_scans scans;
  scans.start(0, 2, 1000);
  EXPECT_EQ(scans.start(1, 2, 2000), 0);
}

TEST(partition_scans, knows_whether_a_scan_is_under_way) {
  partition_scans scans;
  EXPECT_FALSE(scans.under_way(1));
  scans.start(1, 2, 1000);
  EXPECT_TRUE(scans.under_way(1));
  EXPECT_FALSE(scans.under_way(0));
  scans.end(1);
  EXPECT_FALSE(scans.under_way(1));
}

TEST(partition_scans, grows_with_the_family) {
  partition_scans scans;
  scans.start(0, 1, 1000);
  EXPECT_EQ(scans.start(7, 8, 2000), 0);
  EXPECT_TRUE(scans.under_way(7));
}

TEST(partition_scans, forget_a_partition_that_is_removed) {
  partition_scans scans;
  scans.start(1, 2, 1000);
  scans.end(1);
  scans.remove(1);
  scans.remove(7);
  EXPECT_EQ(scans.start(1, 2, 2000), 0);
}

}  // namespace
}  // namespace scanhost::runner
