// SPDX-License-Identifier: Apache-2.0
#include "runner/scan/swept_family.hpp"

#include <gtest/gtest.h>

namespace scanhost::runner {
namespace {

TEST(swept_family, puts_the_partition_in_place_of_the_star) {
  const swept_family family{"flow", "{s:*}", 4};
  EXPECT_EQ(family.tag(3), "{s:3}");
}

TEST(swept_family, has_one_tag_where_the_pattern_has_no_star) {
  EXPECT_EQ((swept_family{"node", "", 1}.tag(0)), "");
  EXPECT_EQ((swept_family{"single", "{all}", 1}.tag(0)), "{all}");
}

}  // namespace
}  // namespace scanhost::runner
