// SPDX-License-Identifier: Apache-2.0
//
// What nodes say about a cluster.
#include "store/cluster/cluster_replies.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/store/replies.hpp"

namespace scanhost::store {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

reply_tree node(const char* role, int port, int tls_port, reply_tree endpoint,
                const char* health = "online") {
  return {"id",
          "x",
          "port",
          port,
          "tls-port",
          tls_port,
          "ip",
          "10.0.0.1",
          "endpoint",
          std::move(endpoint),
          "role",
          role,
          "replication-offset",
          1,
          "health",
          health};
}

reply_tree shard(reply_tree slots, std::vector<reply_tree> nodes) {
  return {"slots", std::move(slots), "nodes", reply_tree::list_of(std::move(nodes))};
}

TEST(ranges_of_shards, names_the_primary_of_each_range) {
  reply_tree reply{shard({0, 10, 20, 30}, {node("replica", 1, 2, "b"), node("master", 3, 4, "a")}),
                   shard({11, 19}, {node("master", 5, 6, "c")})};
  const auto ranges = ranges_of_shards(reply.get(), "asked", false);
  ASSERT_TRUE(ranges);
  EXPECT_THAT(*ranges, ElementsAre(slot_range{0, 10, {"a", 3}}, slot_range{20, 30, {"a", 3}},
                                   slot_range{11, 19, {"c", 5}}));
}

TEST(ranges_of_shards, takes_the_port_for_tls) {
  auto reply = reply_tree::list_of({shard({0, 10}, {node("master", 3, 4, "a")})});
  EXPECT_EQ(ranges_of_shards(reply.get(), "asked", true)->front().primary.port, 4);
}

TEST(ranges_of_shards, says_which_port_is_missing) {
  auto reply = reply_tree::list_of({shard({0, 10}, {node("master", 3, 0, "a")})});
  const auto ranges = ranges_of_shards(reply.get(), "asked", true);
  ASSERT_FALSE(ranges);
  EXPECT_THAT(ranges.error().message, HasSubstr("tells no port for TLS"));
}

TEST(ranges_of_shards, finds_nodes_that_do_not_know_their_names) {
  for (auto unknown : {reply_tree::nothing(), reply_tree(""), reply_tree("?")}) {
    auto reply = reply_tree::list_of({shard({0, 10}, {node("master", 3, 4, unknown)})});
    EXPECT_EQ(ranges_of_shards(reply.get(), "asked", false)->front().primary.host, "10.0.0.1");
    auto without_ip =
        reply_tree::list_of({shard({0, 10}, {reply_tree{"port", 3, "endpoint", unknown, "role", "master"}})});
    EXPECT_EQ(ranges_of_shards(without_ip.get(), "asked", false)->front().primary.host, "asked");
  }
}

TEST(ranges_of_shards, prefers_a_primary_that_has_not_failed) {
  auto reply = reply_tree::list_of(
      {shard({0, 10}, {node("master", 3, 4, "old", "fail"), node("master", 5, 6, "new")})});
  EXPECT_EQ(ranges_of_shards(reply.get(), "asked", false)->front().primary.host, "new");
}

TEST(ranges_of_shards, leaves_out_shards_without_slots) {
  auto reply = reply_tree::list_of(
      {shard(reply_tree(std::initializer_list<reply_tree>{}), {node("master", 3, 4, "a")})});
  EXPECT_TRUE(ranges_of_shards(reply.get(), "asked", false)->empty());
}

TEST(ranges_of_shards, refuses_what_makes_no_sense) {
  for (auto slots : {reply_tree{10, 0}, reply_tree{0, 16384}, reply_tree{-1, 3}, reply_tree{"0", "3"}}) {
    auto reply = reply_tree::list_of({shard(slots, {node("master", 3, 4, "a")})});
    EXPECT_FALSE(ranges_of_shards(reply.get(), "asked", false));
  }
  reply_tree text("OK");
  EXPECT_FALSE(ranges_of_shards(text.get(), "asked", false));
}

TEST(ranges_of_slots, names_the_primary_of_each_range) {
  reply_tree reply{reply_tree{0, 10, reply_tree{"a", 7000, "id"}, reply_tree{"b", 7001, "id"}},
                   reply_tree{11, 16383, reply_tree{reply_tree::nothing(), 7002, "id"}}};
  const auto ranges = ranges_of_slots(reply.get(), "asked");
  ASSERT_TRUE(ranges);
  EXPECT_THAT(*ranges, ElementsAre(slot_range{0, 10, {"a", 7000}}, slot_range{11, 16383, {"asked", 7002}}));
}

TEST(ranges_of_slots, refuses_what_makes_no_sense) {
  auto no_node = reply_tree::list_of({reply_tree{0, 10}});
  EXPECT_FALSE(ranges_of_slots(no_node.get(), "asked"));
  auto no_port = reply_tree::list_of({reply_tree{0, 10, reply_tree{"a", 0, "id"}}});
  EXPECT_FALSE(ranges_of_slots(no_port.get(), "asked"));
}

}  // namespace
}  // namespace scanhost::store
