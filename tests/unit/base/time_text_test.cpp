// SPDX-License-Identifier: Apache-2.0
#include "base/time_text.hpp"

#include <gtest/gtest.h>

namespace scanhost::base {
namespace {

std::string text_of(std::int64_t ms) { return utc_text(timestamp(milliseconds(ms))); }

TEST(utc_text, names_second_and_zone) { EXPECT_EQ(text_of(1'700'000'000'999), "2023-11-14T22:13:20Z"); }

TEST(utc_text, is_a_dash_for_what_is_no_moment) {
  EXPECT_EQ(text_of(-1), "-");
  EXPECT_EQ(text_of(253'402'300'799'999), "9999-12-31T23:59:59Z");
  EXPECT_EQ(text_of(253'402'300'800'000), "-");
  EXPECT_EQ(utc_text(timestamp::max()), "-");
  EXPECT_EQ(utc_text(timestamp::min()), "-");
}

}  // namespace
}  // namespace scanhost::base
