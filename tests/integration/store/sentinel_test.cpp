// SPDX-License-Identifier: Apache-2.0
//
// A store that real Sentinels watch.
#include <gmock/gmock.h>

#include "integration/store/store_test.hpp"
#include "store/session.hpp"
#include "support/certificates.hpp"
#include "support/files.hpp"

namespace scanhost::store {
namespace {

using test_support::private_server;
using test_support::write;
using testing::HasSubstr;

class sentinel_test : public store_test {
 protected:
  sentinel_test() {
    replica.call({"REPLICAOF", "127.0.0.1", std::to_string(primary.port())});
    settings.mode = config::store_mode::sentinel;
    settings.sentinel.primary_name = "mymaster";
    settings.addresses = {{"127.0.0.1", test_support::free_port()}, {"127.0.0.1", sentinel.port()}};
    watch(sentinel);
  }

  void watch(private_server& by) const {
    by.call({"SENTINEL", "MONITOR", "mymaster", "127.0.0.1", std::to_string(primary.port()), "1"});
    by.call({"SENTINEL", "SET", "mymaster", "down-after-milliseconds", "500", "failover-timeout", "3000"});
  }

  static test_support::server_options sentinel_options() {
    test_support::server_options options;
    options.tcp = true;
    options.sentinel = true;
    return options;
  }

  std::string endpoint_of(const private_server& server) const {
    return "127.0.0.1:" + std::to_string(server.port());
  }

  // The Sentinel needs a moment to learn of the replica.
  void fail_over() {
    const auto end = base::steady::now() + std::chrono::seconds(30);
    while (sentinel.call({"SENTINEL", "FAILOVER", "mymaster"}).text != "OK") {
      ASSERT_LT(base::steady::now(), end);
      context.restart();
      context.run_for(std::chrono::milliseconds(50));
    }
  }

  private_server primary{{.tcp = true}};
  private_server replica{{.tcp = true}};
  private_server sentinel{sentinel_options()};
  config::store_settings settings;
};

TEST_F(sentinel_test, finds_the_primary_though_one_sentinel_is_away) {
  connect(settings);
  ASSERT_TRUE(up());
  EXPECT_EQ(line->status().endpoint, endpoint_of(primary));
  EXPECT_EQ(ask({{"SET", "k", "v"}}).outcomes[0].kind, SCANHOST_OUTCOME_REPLY);
}

TEST_F(sentinel_test, follows_a_failover_though_the_old_primary_lives_on) {
  connect(settings);
  ASSERT_TRUE(up());
  fail_over();
  ASSERT_TRUE(run_until([&] {
    return line->status().state == connection_state::up && line->status().endpoint == endpoint_of(replica);
  }));
  EXPECT_EQ(ask({{"SET", "k", "v"}}).outcomes[0].kind, SCANHOST_OUTCOME_REPLY);
}

TEST_F(sentinel_test, answers_a_session) {
  auto opened = session::open(settings);
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_TRUE(opened->call({"SET", "k", "v"}));
}

TEST_F(sentinel_test, says_of_each_sentinel_why_it_cannot_name_the_primary) {
  settings.addresses.push_back({"127.0.0.1", primary.port()});
  settings.sentinel.primary_name = "other";
  const auto opened = session::open(settings);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, base::errc::unavailable);
  const auto& message = opened.error().message;
  EXPECT_THAT(message, HasSubstr("Connection refused"));
  EXPECT_THAT(message, HasSubstr("the Sentinel knows no primary 'other'; check store.sentinel.primary"));
  EXPECT_THAT(message, HasSubstr("the server is no Sentinel"));
}

TEST_F(sentinel_test, logs_in_at_the_sentinel) {
  sentinel.call({"ACL", "SETUSER", "watcher", "on", ">hunter2", "+@all"});
  sentinel.call({"ACL", "SETUSER", "default", "resetpass", ">geheim"});
  EXPECT_THAT(session::open(settings).error().message, HasSubstr("set store.sentinel.password_file"));
  settings.sentinel.username = "watcher";
  settings.sentinel.password = base::secret("hunter2");
  const auto opened = session::open(settings);
  EXPECT_TRUE(opened) << opened.error().message;
  settings.sentinel.password = base::secret("falsch");
  const auto refused = session::open(settings);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("the Sentinel refused the login: WRONGPASS"));
  EXPECT_THAT(refused.error().message, testing::Not(HasSubstr("falsch")));
}

// The file of the Sentinels' password changes while a client works.
class sentinel_rotation_test : public sentinel_test {
 protected:
  sentinel_rotation_test() {
    set_password(">old");
    put("old");
    settings.addresses = {{"127.0.0.1", sentinel.port()}};
    settings.sentinel.password = base::secret("old");
    settings.sentinel.password_file = file;
  }

  void set_password(const std::string& change) {
    EXPECT_EQ(sentinel.call({"ACL", "SETUSER", "default", "on", change}).text, "OK");
  }

  void put(const std::string& password) const {
    write(file, password);
    std::filesystem::permissions(file,
                                 std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  }

  bool follows_a_failover() {
    fail_over();
    return run_until([&] {
      return line->status().state == connection_state::up && line->status().endpoint == endpoint_of(replica);
    });
  }

  // Runs the loop for a while in which the file is looked at several times.
  void let_it_look() {
    context.restart();
    context.run_for(std::chrono::milliseconds(2500));
  }

  std::size_t lines_with(const std::string& part) {
    std::size_t found = 0;
    for (auto at = logged.find(part); at != std::string::npos; at = logged.find(part, at + 1)) ++found;
    return found;
  }

  test_support::temporary_folder folder;
  std::filesystem::path file = folder / "password";
  std::string logged;
};

TEST_F(sentinel_rotation_test, takes_the_new_password_for_the_next_connection) {
  connect(settings);
  ASSERT_TRUE(up());
  set_password(">new");
  set_password("<old");
  put("new");
  sentinel.call({"CLIENT", "KILL", "TYPE", "normal"});
  EXPECT_TRUE(follows_a_failover());
}

TEST_F(sentinel_rotation_test, waits_for_the_new_password_where_the_sentinel_was_first) {
  set_password(">new");
  set_password("<old");
  connect(settings);
  ASSERT_TRUE(run_until([&] { return line->status().last_error.find("WRONGPASS") != std::string::npos; }));
  put("new");
  EXPECT_TRUE(up());
}

TEST_F(sentinel_rotation_test, keeps_the_login_and_warns_once_when_the_new_password_is_wrong) {
  testing::internal::CaptureStdout();
  connect(settings);
  ASSERT_TRUE(up());
  put("mistaken");
  let_it_look();
  EXPECT_TRUE(follows_a_failover());
  logged = testing::internal::GetCapturedStdout();
  EXPECT_EQ(lines_with("refuses the new password"), 1u) << logged;
  EXPECT_EQ(lines_with("mistaken"), 0u) << logged;
}

TEST_F(sentinel_rotation_test, keeps_the_login_and_warns_once_when_the_file_is_gone) {
  testing::internal::CaptureStdout();
  connect(settings);
  ASSERT_TRUE(up());
  std::filesystem::remove(file);
  let_it_look();
  EXPECT_TRUE(follows_a_failover());
  logged = testing::internal::GetCapturedStdout();
  EXPECT_EQ(lines_with("store.sentinel.password_file"), 1u) << logged;
}

// Both the Sentinel and the primary speak only TLS.
class secured_sentinel_test : public store_test {};

TEST_F(secured_sentinel_test, finds_the_primary_over_tls) {
  const test_support::temporary_folder folder;
  const test_support::authority issuer("Test CA");
  write(folder / "ca.pem", issuer.certificate());
  const auto pair = issuer.issue();
  write(folder / "server.pem", pair.certificate);
  write(folder / "server.key", pair.key);
  const auto options = [&](std::uint16_t port) {
    test_support::server_options secured;
    secured.arguments = {"--tls-port",         std::to_string(port),
                         "--tls-cert-file",    folder / "server.pem",
                         "--tls-key-file",     folder / "server.key",
                         "--tls-ca-cert-file", folder / "ca.pem",
                         "--tls-auth-clients", "no",
                         "--tls-replication",  "yes"};
    return secured;
  };
  const auto port = test_support::free_port();
  private_server primary(options(port));
  const auto sentinel_port = test_support::free_port();
  auto sentinel_options = options(sentinel_port);
  sentinel_options.sentinel = true;
  private_server sentinel(sentinel_options);
  sentinel.call({"SENTINEL", "MONITOR", "mymaster", "127.0.0.1", std::to_string(port), "1"});
  config::store_settings settings;
  settings.mode = config::store_mode::sentinel;
  settings.sentinel.primary_name = "mymaster";
  settings.addresses = {{"localhost", sentinel_port}};
  settings.tls.emplace();
  settings.tls->ca_file = folder / "ca.pem";
  auto opened = session::open(settings);
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_TRUE(opened->call({"SET", "k", "v"}));
}

}  // namespace
}  // namespace scanhost::store
