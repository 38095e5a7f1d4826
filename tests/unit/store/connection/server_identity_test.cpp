// SPDX-License-Identifier: Apache-2.0
//
// Which servers are taken.
#include "store/connection/server_identity.hpp"

#include <gtest/gtest.h>

namespace scanhost::store {
namespace {

TEST(server_identity, takes_redis_from_7_and_valkey_and_whatever_is_newer) {
  for (const char* version : {"7.0.0", "7.0.15", "8.2.1", "12.0", "255.255.255", "unstable", ""})
    for (const char* name : {"redis", "valkey"})
      EXPECT_TRUE(require_supported({name, version, false})) << name << " " << version;
}

TEST(server_identity, takes_a_server_that_does_not_say_what_it_is) {
  EXPECT_TRUE(require_supported(identity_of("# Server\r\nproxy_version:1.0\r\n")));
  EXPECT_TRUE(require_supported(identity_of("")));
}

TEST(server_identity, refuses_servers_without_functions_and_says_which_have_them) {
  for (const char* version : {"6.2.14", "6.3.4", "5", "0.1"}) {
    const auto about = "# Server\r\nredis_version:" + std::string(version) + "\r\nredis_mode:standalone\r\n";
    const auto supported = require_supported(identity_of(about));
    ASSERT_FALSE(supported) << version;
    EXPECT_EQ(supported.error().code, base::errc::missing);
    EXPECT_EQ(supported.error().message,
              "the server says that it is redis " + std::string(version) +
                  ", which has no functions (FUNCTION, FCALL); use Redis 7.0 or newer, or Valkey");
  }
}

}  // namespace
}  // namespace scanhost::store
