// SPDX-License-Identifier: Apache-2.0
//
// Who serves which slot.
#include "store/cluster/topology.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace scanhost::store {
namespace {

using ::testing::ElementsAre;

const config::server_address server_a{"a", 1}, server_b{"b", 2}, server_c{"c", 3};

topology halves() {
  topology map;
  map.replace({{8000, 16383, server_b}, {0, 7999, server_a}});
  return map;
}

TEST(topology, knows_nothing_at_first) {
  const topology map;
  EXPECT_TRUE(map.empty());
  EXPECT_FALSE(map.owner(0));
  EXPECT_EQ(map.unserved(), slot_count);
}

TEST(topology, orders_primaries_by_their_lowest_slots) {
  EXPECT_THAT(halves().primaries(), ElementsAre(server_a, server_b));
  EXPECT_EQ(halves().owner(7999), 0u);
  EXPECT_EQ(halves().owner(8000), 1u);
}

TEST(topology, tells_whether_something_has_changed) {
  auto map = halves();
  EXPECT_FALSE(map.replace({{0, 7999, server_a}, {8000, 16383, server_b}}));
  EXPECT_TRUE(map.replace({{0, 7999, server_a}, {8000, 16383, server_c}}));
  EXPECT_THAT(map.primaries(), ElementsAre(server_a, server_c));
}

TEST(topology, follows_one_slot) {
  auto map = halves();
  EXPECT_FALSE(map.move(5, server_a));
  EXPECT_TRUE(map.move(5, server_b));
  EXPECT_EQ(map.owner(5), 1u);
  EXPECT_EQ(map.owner(6), 0u);
}

TEST(topology, takes_in_a_primary_that_a_slot_moved_to) {
  auto map = halves();
  EXPECT_TRUE(map.move(5, server_c));
  EXPECT_THAT(map.primaries(), ElementsAre(server_a, server_b, server_c));
  EXPECT_EQ(map.owner(5), 2u);
}

TEST(topology, counts_slots_that_nobody_serves) {
  topology map;
  map.replace({{0, 9, server_a}});
  EXPECT_EQ(map.unserved(), slot_count - 10);
  EXPECT_FALSE(map.owner(10));
}

TEST(topology, gives_each_primary_a_tag_of_its_own) {
  const auto map = halves();
  EXPECT_EQ(map.owner(slot_of(map.tag_of(0))), 0u);
  EXPECT_EQ(map.owner(slot_of(map.tag_of(1))), 1u);
  EXPECT_EQ(map.tag_of(2), "");
}

TEST(tag_in_slot, finds_one_for_every_slot) {
  for (const std::uint16_t slot : {0, 1, 8191, 16383}) EXPECT_EQ(slot_of(tag_in_slot(slot)), slot);
}

}  // namespace
}  // namespace scanhost::store
