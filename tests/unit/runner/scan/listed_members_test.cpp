// SPDX-License-Identifier: Apache-2.0
#include "runner/scan/listed_members.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace scanhost::runner {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// The members by index.
std::vector<std::string> names_of(const listed_members& members) {
  std::vector<std::string> names;
  for (std::uint32_t index = 0; index < members.count(); ++index)
    names.push_back(members.member_of(members.partition_at(index)));
  return names;
}

TEST(listed_members, are_in_the_order_of_the_list) {
  listed_members members;
  EXPECT_THAT(members.replace({"b", "a"}), IsEmpty());
  EXPECT_THAT(names_of(members), ElementsAre("b", "a"));
  members.replace({"a", "b"});
  EXPECT_THAT(names_of(members), ElementsAre("a", "b"));
  EXPECT_EQ(members.index_of(members.partition_at(1)), 1u);
}

TEST(listed_members, keep_their_partition_while_others_come_and_go) {
  listed_members members;
  members.replace({"a", "b", "c"});
  const auto c = members.partition_at(2);
  members.replace({"c"});
  EXPECT_EQ(members.partition_at(0), c);
  members.replace({"x", "y", "c", "z"});
  EXPECT_EQ(members.partition_at(2), c);
  EXPECT_EQ(members.index_of(c), 2u);
}

TEST(listed_members, say_which_partitions_went) {
  listed_members members;
  members.replace({"a", "b", "c"});
  const auto a = members.partition_at(0);
  const auto c = members.partition_at(2);
  EXPECT_THAT(members.replace({"b", "d"}), ElementsAre(a, c));
  EXPECT_THAT(members.replace({"b", "d"}), IsEmpty());
}

TEST(listed_members, give_the_partitions_of_those_that_went_to_others) {
  listed_members members;
  for (int cycle = 0; cycle < 100; ++cycle) {
    members.replace({"a" + std::to_string(cycle), "b" + std::to_string(cycle)});
    for (std::uint32_t index = 0; index < 2; ++index) EXPECT_LT(members.partition_at(index), 2u);
  }
}

TEST(listed_members, may_all_go) {
  listed_members members;
  members.replace({"a", "b"});
  EXPECT_THAT(members.replace({}), ElementsAre(0u, 1u));
  EXPECT_EQ(members.count(), 0u);
}

}  // namespace
}  // namespace scanhost::runner
