// SPDX-License-Identifier: Apache-2.0
//
// The slot of a key, as the cluster specification of the servers defines it.
#include "scanhost/slots.hpp"

#include <gtest/gtest.h>

namespace scanhost {
namespace {

static_assert(slot_of("123456789") == 0x31c3);

TEST(slot_of, is_the_crc_of_the_whole_key_without_a_tag) {
  EXPECT_EQ(slot_of("foo"), 12182);
  EXPECT_EQ(slot_of(""), 0);
}

TEST(slot_of, is_that_of_the_first_tag) {
  EXPECT_EQ(slot_of("{user1000}.following"), slot_of("user1000"));
  EXPECT_EQ(slot_of("foo{bar}{zap}"), slot_of("bar"));
  EXPECT_EQ(slot_of("foo{{bar}}zap"), slot_of("{bar"));
}

TEST(slot_of, takes_an_empty_or_open_tag_for_none) {
  EXPECT_EQ(slot_of("foo{}{bar}"), crc16("foo{}{bar}") % slot_count);
  EXPECT_EQ(slot_of("foo{bar"), crc16("foo{bar") % slot_count);
}

}  // namespace
}  // namespace scanhost
