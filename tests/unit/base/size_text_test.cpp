// SPDX-License-Identifier: Apache-2.0
#include "base/size_text.hpp"

#include <gtest/gtest.h>

namespace scanhost::base {
namespace {

TEST(size_text, rounds_to_the_largest_unit) {
  EXPECT_EQ(size_text(0), "0 B");
  EXPECT_EQ(size_text(1023), "1023 B");
  EXPECT_EQ(size_text(1536), "1.5 KiB");
  EXPECT_EQ(size_text(8 << 20), "8.0 MiB");
  EXPECT_EQ(size_text(std::int64_t{5} << 40), "5.0 TiB");
}

TEST(size_text, takes_the_next_unit_in_place_of_1024) { EXPECT_EQ(size_text((1 << 20) - 1), "1.0 MiB"); }

}  // namespace
}  // namespace scanhost::base
