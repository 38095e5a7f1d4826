// SPDX-License-Identifier: Apache-2.0
#include "runner/scan/member_offers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace scanhost::runner {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TEST(member_offers, keep_their_order_and_count_each_member_once) {
  member_offers offers;
  for (const char* member : {"b", "a", "b"}) EXPECT_EQ(offers.add(member), "");
  EXPECT_THAT(offers.take(), ElementsAre("b", "a"));
  EXPECT_THAT(offers.take(), IsEmpty());
  EXPECT_EQ(offers.add("b"), "");
  EXPECT_THAT(offers.take(), ElementsAre("b"));
}

TEST(member_offers, refuse_what_cannot_be_part_of_a_tag) {
  member_offers offers;
  EXPECT_EQ(offers.add(""), "is empty");
  EXPECT_EQ(offers.add("a{b"), "has a brace");
  EXPECT_EQ(offers.add("a}b"), "has a brace");
  EXPECT_EQ(offers.add(std::string_view("a\0b", 3)), "has a NUL byte");
  EXPECT_EQ(offers.add(std::string(513, 'a')), "has more than 512 bytes");
  EXPECT_EQ(offers.add(std::string(512, 'a')), "");
}

TEST(member_offers, are_as_many_as_a_family_may_have_partitions) {
  member_offers offers;
  for (std::size_t i = 0; i < detail::max_members; ++i) ASSERT_EQ(offers.add(std::to_string(i)), "");
  EXPECT_THAT(std::string(offers.add("more")), HasSubstr("65,535"));
  EXPECT_EQ(offers.add("7"), "");
  EXPECT_THAT(offers.take(), SizeIs(detail::max_members));
}

}  // namespace
}  // namespace scanhost::runner
