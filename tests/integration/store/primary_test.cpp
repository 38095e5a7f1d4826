// SPDX-License-Identifier: Apache-2.0
//
// A store whose servers change their roles.
#include <gmock/gmock.h>

#include "integration/store/store_test.hpp"
#include "store/session.hpp"

namespace scanhost::store {
namespace {

using test_support::private_server;
using testing::HasSubstr;

class primary_test : public store_test {
 protected:
  static config::server_address address_of(const private_server& server) {
    return {"127.0.0.1", server.port()};
  }

  static void follow(private_server& replica, const private_server& primary) {
    ASSERT_EQ(replica.call({"REPLICAOF", "127.0.0.1", std::to_string(primary.port())}).text, "OK");
  }

  // The outcome of a write that needs the primary, once one is there.
  bool can_write() {
    return run_until([&] {
      const auto before = ended.size();
      send({{"SET", "k", "v"}});
      if (!run_until([&] { return ended.size() > before; })) return false;
      return ended.back()->raw()->outcomes[0].kind == SCANHOST_OUTCOME_REPLY;
    });
  }

  private_server first{{.tcp = true}};
  private_server second{{.tcp = true}};
};

TEST_F(primary_test, finds_the_primary_among_several_servers) {
  follow(first, second);
  config::store_settings settings;
  settings.addresses = {address_of(first), address_of(second)};
  connect(settings);
  ASSERT_TRUE(up());
  EXPECT_EQ(line->status().endpoint, "127.0.0.1:" + std::to_string(second.port()));
  EXPECT_TRUE(can_write());
}

TEST_F(primary_test, takes_no_replica_for_the_store) {
  follow(first, second);
  config::store_settings settings;
  settings.addresses = {address_of(first)};
  const auto opened = session::open(settings);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, base::errc::unavailable);
  EXPECT_THAT(opened.error().message,
              HasSubstr("the server is a replica of 127.0.0.1:" + std::to_string(second.port())));
}

TEST_F(primary_test, leaves_a_primary_that_became_a_replica) {
  config::store_settings settings;
  settings.addresses = {address_of(first), address_of(second)};
  connect(settings);
  ASSERT_TRUE(up());
  EXPECT_EQ(line->status().endpoint, "127.0.0.1:" + std::to_string(first.port()));
  // REPLICAOF leaves the connections of clients open.
  follow(first, second);
  ASSERT_EQ(ask({{"SET", "k", "v"}}).outcomes[0].kind, SCANHOST_OUTCOME_TRANSIENT);
  ASSERT_TRUE(can_write());
  EXPECT_EQ(line->status().endpoint, "127.0.0.1:" + std::to_string(second.port()));
  EXPECT_EQ(line->status().reconnects, 1u);
}

TEST_F(primary_test, says_of_each_server_why_it_is_not_the_primary) {
  follow(first, second);
  config::store_settings settings;
  settings.addresses = {{"127.0.0.1", test_support::free_port()}, address_of(first)};
  const auto opened = session::open(settings);
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().message, HasSubstr("Connection refused"));
  EXPECT_THAT(opened.error().message, HasSubstr("the server is a replica"));
}

}  // namespace
}  // namespace scanhost::store
