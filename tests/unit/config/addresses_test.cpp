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

TEST(addresses, leaves_out_the_port_and_the_database_when_none_is_written) {
  for (const char* url : {"redis://db", "redis://db/"}) {
    const auto address = parse_store_url(url);
    ASSERT_TRUE(address) << url;
    EXPECT_EQ(address->port, std::nullopt);
    EXPECT_EQ(address->database, std::nullopt);
  }
}

TEST(addresses, knows_tls_by_the_scheme) {
  EXPECT_TRUE(parse_store_url("valkeys://db")->tls);
  EXPECT_TRUE(parse_store_url("rediss://db")->tls);
}

TEST(addresses, says_where_several_addresses_stand) {
  EXPECT_THAT(parse_store_url("redis://h1:1,h2:2").error().message, HasSubstr("under store.addresses"));
  EXPECT_THAT(parse_store_url("redis://h1,h2").error().message, HasSubstr("under store.addresses"));
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

TEST(addresses, read_a_host_and_its_port) {
  EXPECT_EQ(parse_host_address("db.example.org:7000")->host, "db.example.org");
  EXPECT_EQ(parse_host_address("db.example.org:7000")->port, 7000);
  EXPECT_EQ(parse_host_address("[fd00::1]:7000")->host, "fd00::1");
  EXPECT_EQ(parse_host_address("10.0.0.7")->port, std::nullopt);
  for (const char* text :
       {"", ":1", "db:0", "db:x", "fd00::1", "valkey://db", "db/1", "d b", "joe:hunter2@db"}) {
    const auto address = parse_host_address(text);
    ASSERT_FALSE(address) << text;
    EXPECT_THAT(address.error().message, Not(HasSubstr("hunter2")));
  }
}

TEST(addresses, refuses_user_and_password_without_repeating_them) {
  for (const char* url : {"redis://joe:hunter2@db", "redis://:hunter2@db:x", "valkeys://hunter2@[::1"}) {
    const auto address = parse_store_url(url);
    ASSERT_FALSE(address);
    EXPECT_THAT(address.error().message, HasSubstr("password_file or password_env"));
    EXPECT_THAT(address.error().message, Not(HasSubstr("hunter2")));
  }
}

TEST(addresses, refuses_every_part_that_it_does_not_understand_without_repeating_it) {
  struct refusal {
    std::string url;
    const char* advice;
  };
  const refusal refusals[] = {
      {"unix:///run/x.sock?db=1&password=hunter2", "have keys of their own"},
      {"unix:///run/x.sock#hunter2", "have keys of their own"},
      {"unix://joe:hunter2@/run/x.sock", "password_file or password_env"},
      {"joe:hunter2@valkey://db", "begin with its scheme"},
      {"unix:///:hunter2@/run/x.sock", "password_file or password_env"},
      {"unix:///run/hunter2%2Fx.sock", "percent escapes"},
      {"unix:///run/hunter2.sock ", "ends with a blank"},
      {"unix:///run/hunter2/", "ends with '/'"},
      {std::string("unix:///run/x\0hunter2", 21), "a control character"},
      {"redis://db?password=hunter2", "have keys of their own"},
      {"redis://db/0#hunter2", "have keys of their own"},
      {"redis://db:6379/hunter2", "is not a database number"},
      {"redis://db/0/hunter2", "is not a database number"},
      {"redis://joe:hunter2", "the port is not a number from 1 to 65535"},
      {"redis://joe:hunter2\n@db", "a control character"},
      {"redis://db:6379 hunter2", "contains a blank"},
      {"redis://h%75nter2@db", "password_file or password_env"},
  };
  for (const auto& [url, advice] : refusals) {
    const auto address = parse_store_url(url);
    ASSERT_FALSE(address) << url;
    EXPECT_THAT(address.error().message, HasSubstr(advice)) << url;
    EXPECT_THAT(address.error().message, Not(HasSubstr("hunter2"))) << url;
  }
}

TEST(addresses, takes_a_socket_whose_file_has_an_unusual_name) {
  EXPECT_EQ(parse_store_url("unix:///run/redis@main/k\xc3\xa4 1.sock")->socket_path,
            "/run/redis@main/k\xc3\xa4 1.sock");
}

TEST(addresses, says_the_range_of_ports_and_databases) {
  EXPECT_THAT(parse_store_url("redis://db:65536").error().message,
              HasSubstr("the port '65536' is not a number from 1 to 65535"));
  for (const char* url : {"redis://db/65536", "redis://db/99999999999999999999"})
    EXPECT_THAT(parse_store_url(url).error().message, HasSubstr("is out of range; the range is 0 to 65535"));
  EXPECT_EQ(parse_store_url("redis://db/65535")->database, max_database);
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

TEST(addresses, refuses_an_address_that_goes_on_behind_a_null_character) {
  using namespace std::string_view_literals;
  for (const auto address :
       {"127.0.0.1\0.evil.example"sv, "::1\0"sv, "fe80::1%eth0\0"sv, "fe80::1%e\n"sv, "::1 "sv})
    EXPECT_FALSE(literal_ip(address)) << address;
  EXPECT_TRUE(literal_ip("fe80::1%eth0"));
  EXPECT_FALSE(parse_listen("127.0.0.1\0x:9464"sv));
  EXPECT_FALSE(parse_listen("[fe80::1\0x]:9464"sv));
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
