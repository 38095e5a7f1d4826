// SPDX-License-Identifier: Apache-2.0
//
// URLs of the store and addresses to listen on.
#include "config/addresses.hpp"

#include <gmock/gmock.h>

namespace scanhost::config {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(addresses, reads_host_port_and_database) {
  const auto address = parse_store_url("valkey://db.example.org:7000/3");
  ASSERT_TRUE(address);
  EXPECT_EQ(address->host, "db.example.org");
  EXPECT_EQ(address->port, 7000);
  EXPECT_EQ(address->database, 3u);
  EXPECT_FALSE(address->tls);
}

TEST(addresses, takes_the_usual_port_and_no_database_when_none_is_written) {
  for (const char* url : {"redis://db", "redis://db/"}) {
    const auto address = parse_store_url(url);
    ASSERT_TRUE(address) << url;
    EXPECT_EQ(address->port, 6379);
    EXPECT_EQ(address->database, std::nullopt);
  }
}

TEST(addresses, knows_tls_by_the_scheme) {
  EXPECT_TRUE(parse_store_url("valkeys://db")->tls);
  EXPECT_TRUE(parse_store_url("rediss://db")->tls);
}

TEST(addresses, reads_ipv6_in_brackets) {
  const auto address = parse_store_url("valkey://[::1]:7000/1");
  ASSERT_TRUE(address);
  EXPECT_EQ(address->host, "::1");
  EXPECT_EQ(address->port, 7000);
  EXPECT_THAT(parse_store_url("valkey://::1").error().message, HasSubstr("brackets"));
  EXPECT_THAT(parse_store_url("valkey://[::1").error().message, HasSubstr("not closed"));
  EXPECT_THAT(parse_store_url("valkey://[1.2.3.4]").error().message, HasSubstr("not an IPv6 address"));
  EXPECT_THAT(parse_store_url("valkey://[::1]x").error().message, HasSubstr("only :port"));
}

TEST(addresses, reads_a_unix_socket) {
  EXPECT_EQ(parse_store_url("unix:///run/valkey.sock")->socket_path, "/run/valkey.sock");
  EXPECT_THAT(parse_store_url("unix://run/x").error().message, HasSubstr("absolute path"));
  EXPECT_THAT(parse_store_url("unix:///" + std::string(200, 'x')).error().message,
              HasSubstr("longer than 107 bytes"));
}

TEST(addresses, refuses_user_and_password_without_repeating_them) {
  for (const char* url : {"redis://joe:hunter2@db", "redis://:hunter2@db:x", "valkeys://hunter2@[::1"}) {
    const auto address = parse_store_url(url);
    ASSERT_FALSE(address);
    EXPECT_THAT(address.error().message, HasSubstr("password_file or password_env"));
    EXPECT_THAT(address.error().message, Not(HasSubstr("hunter2")));
  }
}

TEST(addresses, refuses_what_is_no_url) {
  for (const char* url : {"", "db:6379", "http://db", "redis://", "redis://:1", "redis://db:0",
                          "redis://db:65536", "redis://db:x", "redis://db/x", "redis://db/-1",
                          "redis://db/1/2", "redis://d b", "redis://db?tls=1", "redis://db#1", "://db"})
    EXPECT_FALSE(parse_store_url(url)) << url;
  EXPECT_THAT(parse_store_url("valky://db").error().message, HasSubstr("did you mean 'valkey'?"));
}

TEST(addresses, reads_where_to_listen) {
  EXPECT_EQ(parse_listen("127.0.0.1:9464")->port, 9464);
  EXPECT_EQ(parse_listen("localhost:1")->address, "127.0.0.1");
  EXPECT_EQ(parse_listen("[::1]:0")->address, "::1");
  EXPECT_FALSE(parse_listen("none")->enabled);
}

TEST(addresses, knows_loopback) {
  EXPECT_TRUE(parse_listen("127.0.0.2:1")->loopback);
  EXPECT_TRUE(parse_listen("[::1]:1")->loopback);
  EXPECT_FALSE(parse_listen("0.0.0.0:1")->loopback);
  EXPECT_FALSE(parse_listen("[::]:1")->loopback);
}

TEST(addresses, says_how_to_write_where_to_listen) {
  EXPECT_THAT(parse_listen("9464").error().message, HasSubstr("write 127.0.0.1:9464"));
  EXPECT_THAT(parse_listen(":9464").error().message, HasSubstr("write 127.0.0.1:9464"));
  EXPECT_THAT(parse_listen("127.0.0.1").error().message, HasSubstr("has no port"));
  EXPECT_THAT(parse_listen("myhost:1").error().message, HasSubstr("not an IP address"));
  EXPECT_THAT(parse_listen("127.0.0.1:70000").error().message, HasSubstr("from 0 to 65535"));
  EXPECT_THAT(parse_listen("::1:9464").error().message, HasSubstr("brackets"));
  EXPECT_FALSE(parse_listen(""));
}

}  // namespace
}  // namespace scanhost::config
