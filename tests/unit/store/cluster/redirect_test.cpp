// SPDX-License-Identifier: Apache-2.0
//
// Redirects in error replies.
#include "store/cluster/redirect.hpp"

#include <gtest/gtest.h>

namespace scanhost::store {
namespace {

config::server_address target(std::string_view error) {
  const auto found = redirect_of(error);
  return found ? found->target : config::server_address{"none", 0};
}

TEST(redirect_of, reads_slot_and_server) {
  const auto moved = redirect_of("MOVED 3999 127.0.0.1:6381");
  ASSERT_TRUE(moved);
  EXPECT_EQ(moved->what, redirect::kind::moved);
  EXPECT_EQ(moved->slot, 3999);
  EXPECT_EQ(moved->target, (config::server_address{"127.0.0.1", 6381}));
  EXPECT_EQ(redirect_of("ASK 0 node-2.example.com:7000")->what, redirect::kind::ask);
}

TEST(redirect_of, splits_at_the_last_colon) {
  EXPECT_EQ(target("MOVED 1 fd00::7:6379"), (config::server_address{"fd00::7", 6379}));
  EXPECT_EQ(target("MOVED 1 [fd00::7]:6379"), (config::server_address{"fd00::7", 6379}));
}

TEST(redirect_of, leaves_the_host_empty_where_the_server_does_not_know_it) {
  EXPECT_EQ(target("MOVED 1 :6379"), (config::server_address{"", 6379}));
  EXPECT_EQ(target("MOVED 1 ?:6379"), (config::server_address{"", 6379}));
}

TEST(redirect_of, knows_the_states_that_pass) {
  EXPECT_EQ(redirect_of("TRYAGAIN Multiple keys request during rehashing of slot")->what,
            redirect::kind::try_again);
  EXPECT_EQ(redirect_of("CLUSTERDOWN The cluster is down")->what, redirect::kind::cluster_down);
}

TEST(redirect_of, is_nothing_for_other_errors_and_for_nonsense) {
  for (const auto* text :
       {"", "MOVED", "MOVED 1", "MOVED x a:1", "MOVED 16384 a:1", "MOVED 1 a", "MOVED 1 a:0",
        "MOVED 1 a:65536", "MOVEDX 1 a:1", "ERR MOVED 1 a:1", "CROSSSLOT Keys in request"})
    EXPECT_FALSE(redirect_of(text)) << text;
}

}  // namespace
}  // namespace scanhost::store
