// SPDX-License-Identifier: Apache-2.0
//
// Which names a Host header may have.
#include "admin/host_check.hpp"

#include <gtest/gtest.h>

namespace scanhost::admin {
namespace {

TEST(host_check, allows_literal_addresses_and_localhost) {
  for (const char* host : {"127.0.0.1", "127.0.0.1:9464", "10.1.2.3:80", "[::1]", "[::1]:9464", "[fe80::1]",
                           "localhost", "LocalHost:9464"})
    EXPECT_TRUE(host_allowed(host, {})) << host;
}

TEST(host_check, refuses_names_that_anybody_can_point_here) {
  for (const char* host : {"", "evil.example", "evil.example:9464", "localhost.evil.example",
                           "127.0.0.1.evil.example", "localhost:80x", "127.0.0.1:9464:1", "[::1", "[::1]evil",
                           "[evil]", "[127.0.0.1]", "::1", "user@localhost", " localhost", "127.1"})
    EXPECT_FALSE(host_allowed(host, {})) << host;
  EXPECT_FALSE(host_allowed(std::string_view("127.0.0.1\0.evil.example", 23), {}));
}

TEST(host_check, allows_configured_names_in_any_case) {
  EXPECT_TRUE(host_allowed("Ops.Example.org:9464", {"ops.example.org"}));
  EXPECT_FALSE(host_allowed("ops.example.org.evil", {"ops.example.org"}));
}

}  // namespace
}  // namespace scanhost::admin
