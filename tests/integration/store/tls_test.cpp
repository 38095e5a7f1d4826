// SPDX-License-Identifier: Apache-2.0
//
// A client and a real server over TLS.
#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>

#include "store/session.hpp"
#include "store_test.hpp"
#include "support/certificates.hpp"
#include "support/files.hpp"

namespace scanhost::store {
namespace {

using test_support::authority;
using test_support::certificate_options;
using test_support::key_pair;
using test_support::private_server;
using test_support::write;
using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

class tls_test : public store_test {
 protected:
  tls_test() {
    write(folder / "ca.pem", issuer.certificate());
    write(folder / "server-ca.pem", issuer.certificate());
    write_pair("server", issuer.issue());
    settings.addresses = {{"localhost", test_support::free_port()}};
    settings.tls.emplace();
    settings.tls->ca_file = folder / "ca.pem";
  }

  void write_pair(const std::string& name, const key_pair& pair) {
    write(folder / (name + ".pem"), pair.certificate);
    write(folder / (name + ".key"), pair.key);
  }

  // A server that speaks TLS on the port of the settings, and RESP on its Unix socket.
  private_server& start(std::vector<std::string> more = {"--tls-auth-clients", "no"},
                        const std::string& password = {}) {
    std::vector<std::string> arguments = {
        "--tls-port",         std::to_string(settings.addresses.front().port),
        "--tls-cert-file",    folder / "server.pem",
        "--tls-key-file",     folder / "server.key",
        "--tls-ca-cert-file", folder / "server-ca.pem"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    server.emplace(test_support::server_options{
        .tcp = false, .append_only = false, .arguments = std::move(arguments), .password = password});
    return *server;
  }

  // The server takes another certificate, and uses it for the connections that come.
  void renew_server(const authority& other) {
    write_pair("server", other.issue());
    const auto answer = server->call({"CONFIG", "SET", "tls-cert-file", (folder / "server.pem").string(),
                                      "tls-key-file", (folder / "server.key").string()});
    ASSERT_EQ(answer.text, "OK");
  }

  void show_certificate_of(const authority& other) {
    write_pair("client", other.issue({"client", "", -1h, 24h}));
    settings.tls->cert_file = folder / "client.pem";
    settings.tls->key_file = folder / "client.key";
  }

  std::string ping() { return std::string(text_of(ask({{"PING"}}).outcomes[0].reply->text)); }

  // Why no connection comes about.
  std::string problem() {
    connect(settings);
    EXPECT_TRUE(run_until([&] { return line->status().state == connection_state::down; }));
    return line->status().last_error;
  }

  test_support::temporary_folder folder;
  authority issuer{"Test CA"};
  config::store_settings settings;
  std::optional<private_server> server;
};

TEST_F(tls_test, works_by_name_and_by_address) {
  start();
  for (const auto* host : {"localhost", "127.0.0.1"}) {
    settings.addresses.front().host = host;
    connect(settings);
    EXPECT_EQ(ping(), "PONG") << line->status().last_error;
  }
}

TEST_F(tls_test, answers_a_session) {
  start();
  auto opened = session::open(settings);
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_TRUE(opened->call({"SET", "k", "v"}));
  EXPECT_EQ(text_of(reply_of(**opened->call({"GET", "k"})).text), "v");
}

TEST_F(tls_test, answers_in_order_within_and_across_batches) {
  start();
  connect(settings);
  for (int i = 0; i < 1000; ++i) send({{"INCR", "n"}, {"ECHO", std::to_string(i)}});
  ASSERT_TRUE(run_until([&] { return ended.size() == 1000; }));
  for (int i = 0; i < 1000; ++i) {
    const auto* outcomes = ended[static_cast<std::size_t>(i)]->raw()->outcomes;
    ASSERT_EQ(outcomes[0].reply->integer, i + 1);
    ASSERT_EQ(text_of(outcomes[1].reply->text), std::to_string(i));
  }
}

TEST_F(tls_test, writes_what_is_ready_in_one_piece) {
  start();
  connect(settings);
  ASSERT_TRUE(up());
  const auto reads = [&] {
    const auto text = server->call({"INFO", "stats"}).text;
    return std::stoll(text.substr(text.find("total_reads_processed:") + 22));
  };
  const auto before = reads();
  for (int i = 0; i < 256; ++i) send({{"GET", std::to_string(i)}});
  ASSERT_TRUE(run_until([&] { return ended.size() == 256; }));
  // One read for our commands, another for the INFO itself.
  EXPECT_LE(reads() - before, 3);
}

TEST_F(tls_test, carries_large_values_both_ways) {
  start();
  connect(settings);
  std::string value(6 << 20, 'v');
  for (std::size_t i = 0; i < value.size(); i += 1000) value[i] = static_cast<char>(i);
  const auto& replies = ask({{"SET", "k", value}, {"GET", "k"}, {"PING"}});
  EXPECT_TRUE(text_of(replies.outcomes[1].reply->text) == value);
  EXPECT_EQ(text_of(replies.outcomes[2].reply->text), "PONG");
}

TEST_F(tls_test, goes_on_writing_after_a_server_that_did_not_read) {
  start();
  connect(settings);
  ASSERT_TRUE(up());
  server->freeze();
  const std::string value(1 << 20, 'v');
  for (int i = 0; i < 16; ++i) send({{"APPEND", "k", value}});
  const auto end = base::steady::now() + 200ms;
  context.restart();
  while (base::steady::now() < end && context.run_one_until(end) > 0) continue;
  server->thaw();
  ASSERT_TRUE(run_until([&] { return ended.size() == 16; }));
  EXPECT_EQ(ended.back()->raw()->outcomes[0].reply->integer, 16 << 20);
}

TEST_F(tls_test, logs_in_with_a_password_and_never_shows_it) {
  start({"--tls-auth-clients", "no", "--requirepass", "hunter2"}, "hunter2");
  settings.password = base::secret("hunter2");
  connect(settings);
  EXPECT_EQ(ping(), "PONG");
  settings.password = base::secret("not-the-password");
  EXPECT_THAT(problem(), AllOf(HasSubstr("WRONGPASS"), Not(HasSubstr("not-the-password"))));
}

TEST_F(tls_test, comes_back_after_the_server_was_restarted) {
  start();
  connect(settings);
  ASSERT_TRUE(up());
  server->kill();
  ASSERT_TRUE(run_until([&] { return line->status().state == connection_state::down; }));
  server->start();
  ASSERT_TRUE(up());
  EXPECT_EQ(ping(), "PONG");
}

TEST_F(tls_test, shows_a_client_certificate_to_a_server_that_wants_it) {
  start({"--tls-auth-clients", "yes"});
  show_certificate_of(issuer);
  connect(settings);
  EXPECT_EQ(ping(), "PONG") << line->status().last_error;
}

// The server's own words may be lost: it closes before it has read the login, which resets the connection.
TEST_F(tls_test, says_that_the_server_wants_a_client_certificate) {
  start({"--tls-auth-clients", "yes"});
  EXPECT_THAT(problem(), HasSubstr("store.tls.cert_file and store.tls.key_file"));
}

TEST_F(tls_test, says_that_the_server_does_not_trust_the_client_certificate) {
  start({"--tls-auth-clients", "yes"});
  show_certificate_of(authority("Other CA"));
  EXPECT_THAT(
      problem(),
      ContainsRegex(
          "the server refused the client certificate in store.tls.cert_file: it does not trust|does it trust the one in store.tls.cert_file"));
}

TEST_F(tls_test, says_that_the_authority_is_unknown) {
  start();
  write(folder / "ca.pem", authority("Other CA").certificate());
  EXPECT_THAT(problem(), HasSubstr("was issued by CN=Test CA, which is not trusted here"));
}

TEST_F(tls_test, trusts_no_private_authority_by_default) {
  start();
  settings.tls->ca_file.clear();
  EXPECT_THAT(problem(), HasSubstr("was issued by CN=Test CA, which is not trusted here"));
}

TEST_F(tls_test, says_that_the_certificate_is_for_another_name) {
  write_pair("server", issuer.issue({"db", "DNS:db.example", -1h, 24h}));
  start();
  EXPECT_THAT(problem(), HasSubstr("the server's certificate is for db.example, not for localhost"));
  settings.tls->server_name = "db.example";
  connect(settings);
  EXPECT_EQ(ping(), "PONG");
}

TEST_F(tls_test, says_that_the_certificate_has_expired) {
  write_pair("server", issuer.issue({"localhost", "DNS:localhost", -48h, -24h}));
  start();
  EXPECT_THAT(problem(), HasSubstr("the server's certificate expired on 20"));
}

TEST_F(tls_test, checks_nothing_where_it_is_insecure) {
  write_pair("server", issuer.issue({"db", "DNS:db.example", -48h, -24h}));
  start();
  settings.tls = tls::settings{};
  settings.tls->insecure = true;
  connect(settings);
  EXPECT_EQ(ping(), "PONG");
}

TEST_F(tls_test, keeps_to_the_min_version) {
  start({"--tls-auth-clients", "no", "--tls-protocols", "TLSv1.2"});
  connect(settings);
  EXPECT_EQ(ping(), "PONG");
  settings.tls->min_version = tls::version::v1_3;
  EXPECT_THAT(problem(), HasSubstr("no version of TLS that is allowed here (at least 1.3)"));
}

TEST_F(tls_test, says_that_the_server_speaks_no_tls) {
  private_server plain({.tcp = true, .append_only = false, .arguments = {}, .password = {}});
  settings.addresses.front().port = plain.port();
  settings.connect_timeout = 300ms;
  EXPECT_THAT(problem(), HasSubstr("does not speak TLS"));
}

TEST_F(tls_test, says_that_the_server_speaks_tls_where_the_url_does_not_ask_for_it) {
  start();
  settings.tls.reset();
  EXPECT_THAT(problem(), HasSubstr("valkeys:// or rediss://"));
}

TEST_F(tls_test, says_that_nobody_answers_the_handshake) {
  start();
  server->freeze();
  settings.connect_timeout = 100ms;
  EXPECT_THAT(problem(), HasSubstr("the TLS handshake took longer than the connect timeout"));
  server->thaw();
}

TEST_F(tls_test, uses_a_changed_authority_for_the_next_connection) {
  start();
  connect(settings);
  ASSERT_TRUE(up());
  const authority successor("Next CA");
  renew_server(successor);
  EXPECT_EQ(ping(), "PONG") << "a connection that exists goes on";
  server->call({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
  ASSERT_TRUE(run_until([&] { return line->status().last_error.find("not trusted") != std::string::npos; }));
  write(folder / "ca.pem", successor.certificate());
  ASSERT_TRUE(up());
  EXPECT_EQ(ping(), "PONG");
}

TEST_F(tls_test, uses_a_changed_client_certificate_for_the_next_connection) {
  start({"--tls-auth-clients", "yes"});
  const authority successor("Next CA");
  show_certificate_of(issuer);
  connect(settings);
  ASSERT_TRUE(up());
  write(folder / "server-ca.pem", successor.certificate());
  server->call({"CONFIG", "SET", "tls-ca-cert-file", (folder / "server-ca.pem").string()});
  show_certificate_of(successor);
  server->call({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
  ASSERT_TRUE(run_until([&] { return line->status().reconnects == 1; }));
  EXPECT_EQ(ping(), "PONG");
}

TEST_F(tls_test, connects_with_the_files_as_they_were_while_new_ones_cannot_be_used) {
  start();
  connect(settings);
  ASSERT_TRUE(up());
  write(folder / "ca.pem", "half");
  server->call({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
  ASSERT_TRUE(run_until([&] { return line->status().reconnects == 1; }));
  EXPECT_EQ(ping(), "PONG");
}

TEST_F(tls_test, names_the_file_that_was_never_usable) {
  start();
  write(folder / "ca.pem", "half");
  const auto opened = session::open(settings);
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().message, HasSubstr("store.tls.ca_file: " + (folder / "ca.pem").string()));
}

}  // namespace
}  // namespace scanhost::store
