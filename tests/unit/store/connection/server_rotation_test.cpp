// SPDX-License-Identifier: Apache-2.0
//
// The order in which servers are tried.
#include "store/connection/server_rotation.hpp"

#include <gtest/gtest.h>

namespace scanhost::store {
namespace {

const config::server_address a{"a", 1}, b{"b", 2}, c{"c", 3};

TEST(server_rotation, tries_each_server_once_before_all_have_failed) {
  server_rotation servers({a, b, c});
  EXPECT_EQ(servers.current(), a);
  EXPECT_FALSE(servers.fail());
  EXPECT_EQ(servers.current(), b);
  EXPECT_FALSE(servers.fail());
  EXPECT_EQ(servers.current(), c);
  EXPECT_TRUE(servers.fail());
  EXPECT_EQ(servers.current(), a);
  EXPECT_FALSE(servers.fail());
}

TEST(server_rotation, begins_again_where_a_server_was_good) {
  server_rotation servers({a, b});
  servers.fail();
  servers.succeed();
  EXPECT_EQ(servers.current(), b);
  EXPECT_FALSE(servers.fail());
  EXPECT_EQ(servers.current(), a);
  EXPECT_TRUE(servers.fail());
}

TEST(server_rotation, learns_each_server_once_and_not_without_end) {
  server_rotation servers({a});
  servers.learn(b);
  servers.learn(a);
  EXPECT_EQ(servers.size(), 2u);
  for (std::uint16_t port = 1; port < 500; ++port) servers.learn({"x", port});
  EXPECT_EQ(servers.size(), server_rotation::max_learned);
}

TEST(server_rotation, shares_the_time_but_leaves_enough_to_each) {
  using base::milliseconds;
  EXPECT_EQ(server_rotation({a}).share_of(milliseconds(2000)), milliseconds(2000));
  EXPECT_EQ(server_rotation({a, b}).share_of(milliseconds(2000)), milliseconds(1000));
  EXPECT_EQ(server_rotation({a, b, c}).share_of(milliseconds(300)), server_rotation::min_share);
  EXPECT_EQ(server_rotation({a, b, c}).share_of(milliseconds(20)), milliseconds(20));
}

TEST(server_rotation, can_stay_with_the_current_server) {
  server_rotation servers({a, b, c});
  servers.fail();
  servers.keep_current();
  EXPECT_TRUE(servers.fail());
  EXPECT_EQ(servers.current(), b);
}

TEST(server_rotation, has_failed_where_there_is_no_list) { EXPECT_TRUE(server_rotation({}).fail()); }

}  // namespace
}  // namespace scanhost::store
