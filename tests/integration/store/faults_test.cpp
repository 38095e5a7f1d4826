// SPDX-License-Identifier: Apache-2.0
//
// Servers that die, freeze, refuse connections or send garbage.
#include <gtest/gtest.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>

#include "store_test.hpp"

namespace scanhost::store {
namespace {

using test_support::private_server;
using namespace std::chrono_literals;

class faults_test : public store_test {
 protected:
  static private_server protected_server() {
    return private_server(
        {.tcp = false, .append_only = false, .arguments = {"--requirepass", "pw"}, .password = "pw"});
  }
};

TEST_F(faults_test, ends_what_was_sent_when_the_server_dies_and_comes_back_with_it) {
  private_server server({.tcp = false, .append_only = true, .arguments = {}, .password = {}});
  connect(settings_of(server));
  ASSERT_TRUE(up());
  ask({{"SET", "k", "kept"}});
  server.freeze();
  send({{"INCR", "n"}, {"INCR", "n"}});
  ASSERT_TRUE(run_until([&] { return line->status().in_flight == 2; }));
  server.kill();
  ASSERT_TRUE(run_until([&] { return ended.size() == 2; }));
  EXPECT_EQ(ended[1]->raw()->outcomes[1].kind, SCANHOST_OUTCOME_TRANSIENT);
  EXPECT_EQ(ended[1]->raw()->outcomes[1].reply, nullptr);
  EXPECT_EQ(metric("scanhost_connection_up{scanner=\"test\"}"), 0);
  EXPECT_FALSE(line->status().last_error.empty());
  server.start();
  ASSERT_TRUE(up());
  EXPECT_EQ(text_of(ask({{"GET", "k"}}).outcomes[0].reply->text), "kept");
  EXPECT_EQ(line->status().reconnects, 1u);
  EXPECT_EQ(metric("scanhost_reconnects_total{scanner=\"test\"}"), 1);
  EXPECT_EQ(metric("scanhost_connection_up{scanner=\"test\"}"), 1);
}

TEST_F(faults_test, ends_waiting_batches_after_the_connect_timeout) {
  config::store_settings settings;
  settings.socket_path = "/nonexistent/socket";
  settings.connect_timeout = 50ms;
  connect(settings);
  const auto& outcome = ask({{"PING"}}).outcomes[0];
  EXPECT_EQ(outcome.kind, SCANHOST_OUTCOME_TRANSIENT);
  EXPECT_NE(message_of(outcome).find("No such file"), std::string::npos) << message_of(outcome);
  EXPECT_NE(line->status().state, connection_state::up);
}

TEST_F(faults_test, gives_up_on_a_server_that_is_silent) {
  private_server server;
  auto settings = settings_of(server);
  settings.command_timeout = 100ms;
  settings.connect_timeout = 200ms;
  connect(settings);
  ASSERT_TRUE(up());
  server.freeze();
  const auto& outcome = ask({{"PING"}}).outcomes[0];
  EXPECT_EQ(outcome.kind, SCANHOST_OUTCOME_TRANSIENT);
  EXPECT_NE(message_of(outcome).find("command timeout"), std::string::npos) << message_of(outcome);
  // The kernel still accepts connections: only the handshake shows that nobody answers.
  ASSERT_TRUE(
      run_until([&] { return line->status().last_error.find("connect timeout") != std::string::npos; }));
  server.thaw();
  ASSERT_TRUE(up());
}

TEST_F(faults_test, does_not_wait_when_the_password_is_wrong_and_does_not_tell_it) {
  auto server = protected_server();
  auto settings = settings_of(server);
  settings.password = base::secret("not-the-one");
  settings.connect_timeout = 20s;
  connect(settings);
  const auto& outcome = ask({{"PING"}}).outcomes[0];
  EXPECT_EQ(outcome.kind, SCANHOST_OUTCOME_PERMANENT);
  EXPECT_NE(message_of(outcome).find("WRONGPASS"), std::string::npos);
  EXPECT_EQ(message_of(outcome).find("not-the-one"), std::string::npos);
  EXPECT_EQ(line->status().last_error.find("not-the-one"), std::string::npos);
}

TEST_F(faults_test, goes_on_when_the_password_becomes_right) {
  auto server = protected_server();
  auto settings = settings_of(server);
  settings.password = base::secret("new");
  connect(settings);
  ASSERT_TRUE(run_until([&] { return line->status().state == connection_state::down; }));
  server.call({"CONFIG", "SET", "requirepass", "new"});
  ASSERT_TRUE(up());
}

TEST_F(faults_test, is_permanent_without_a_password_where_one_is_needed) {
  auto server = protected_server();
  connect(settings_of(server));
  const auto& outcome = ask({{"GET", "k"}}).outcomes[0];
  EXPECT_EQ(outcome.kind, SCANHOST_OUTCOME_PERMANENT);
  EXPECT_TRUE(message_of(outcome).starts_with("NOAUTH"));
}

TEST_F(faults_test, is_permanent_for_a_user_who_may_not) {
  private_server server;
  server.call({"ACL", "SETUSER", "sweeper", "on", ">pw", "~*", "+get", "+auth"});
  auto settings = settings_of(server);
  settings.username = "sweeper";
  settings.password = base::secret("pw");
  connect(settings);
  const auto& replies = ask({{"GET", "k"}, {"SET", "k", "v"}});
  EXPECT_EQ(replies.outcomes[0].kind, SCANHOST_OUTCOME_REPLY);
  EXPECT_EQ(replies.outcomes[1].kind, SCANHOST_OUTCOME_PERMANENT);
  EXPECT_TRUE(message_of(replies.outcomes[1]).starts_with("NOPERM"));
}

TEST_F(faults_test, is_transient_while_the_server_loads_its_data) {
  // Loads slowly: 5 ms for each key of the file, and serves clients in between.
  private_server server(
      {.tcp = false,
       .append_only = false,
       .arguments = {"--key-load-delay", "5000", "--loading-process-events-interval-bytes", "1024"},
       .password = {}});
  std::vector<std::vector<std::string>> commands;
  for (int i = 0; i < 400; ++i) commands.push_back({"SETRANGE", std::to_string(i), "500", "x"});
  server.call({"CONFIG", "SET", "rdbcompression", "no"});
  server.load(commands);
  server.call({"SAVE"});
  server.kill();
  server.start_without_waiting();
  auto settings = settings_of(server);
  settings.connect_timeout = 20s;
  connect(settings);
  bool seen = false;
  const auto served = [&] {
    const auto& outcome = ask({{"DBSIZE"}}).outcomes[0];
    if (outcome.kind == SCANHOST_OUTCOME_REPLY) return outcome.reply->integer == 400;
    EXPECT_EQ(outcome.kind, SCANHOST_OUTCOME_TRANSIENT);
    seen = seen || message_of(outcome).starts_with("LOADING");
    return false;
  };
  const auto end = base::steady::now() + 30s;
  while (!served() && base::steady::now() < end) continue;
  EXPECT_TRUE(seen);
  EXPECT_TRUE(served());
}

TEST_F(faults_test, is_transient_on_a_replica) {
  private_server server;
  connect(settings_of(server));
  ASSERT_TRUE(up());
  server.call({"REPLICAOF", "127.0.0.1", "1"});
  const auto& outcome = ask({{"SET", "k", "v"}}).outcomes[0];
  EXPECT_EQ(outcome.kind, SCANHOST_OUTCOME_TRANSIENT);
  EXPECT_TRUE(message_of(outcome).starts_with("READONLY"));
}

// A server with scripted replies, for those that a real server does not send.
class scripted_server_test : public store_test {
 protected:
  using local = boost::asio::local::stream_protocol;

  void serve(std::string after_handshake) {
    words_ = std::move(after_handshake);
    acceptor_.async_accept([this](const auto& problem, local::socket peer) {
      if (problem) return;
      peers_.push_back(std::make_unique<local::socket>(std::move(peer)));
      speak(*peers_.back());
      serve(words_);
    });
  }

  config::store_settings settings() const {
    config::store_settings result;
    result.socket_path = path_;
    result.command_timeout = 20s;
    return result;
  }

 private:
  // Reads the handshake, answers it, reads what follows, and sends the scripted bytes.
  void speak(local::socket& peer) {
    peer.async_read_some(boost::asio::buffer(input_), [this, &peer](const auto& problem, std::size_t) {
      if (problem) return;
      static const std::string greeting = "+OK\r\n$-1\r\n$-1\r\n*2\r\n$1\r\n5\r\n$1\r\n0\r\n";
      boost::asio::write(peer, boost::asio::buffer(greeting));
      peer.async_read_some(boost::asio::buffer(input_), [this, &peer](const auto& lost, std::size_t) {
        if (!lost) boost::asio::write(peer, boost::asio::buffer(words_));
      });
    });
  }

  std::string directory_ = testing::TempDir() + "scripted-" + std::to_string(::getpid());
  std::string path_ = directory_;
  local::acceptor acceptor_{context, (std::filesystem::remove(path_), local::endpoint(path_))};
  std::array<char, 4096> input_;
  std::vector<std::unique_ptr<local::socket>> peers_;
  std::string words_;
};

TEST_F(scripted_server_test, drops_a_connection_that_does_not_speak_resp) {
  serve(":1\r\nHTTP/1.1 400\r\n");
  connect(settings());
  const auto& replies = ask({{"INCR", "a"}, {"INCR", "b"}, {"INCR", "c"}});
  EXPECT_EQ(replies.outcomes[0].kind, SCANHOST_OUTCOME_REPLY);
  EXPECT_EQ(replies.outcomes[1].kind, SCANHOST_OUTCOME_PERMANENT);
  EXPECT_EQ(replies.outcomes[2].kind, SCANHOST_OUTCOME_TRANSIENT);
}

TEST_F(scripted_server_test, drops_a_connection_that_answers_unasked) {
  serve(":1\r\n:2\r\n");
  connect(settings());
  EXPECT_EQ(ask({{"INCR", "a"}}).outcomes[0].reply->integer, 1);
  EXPECT_TRUE(run_until([&] { return line->status().reconnects == 1; }));
}

}  // namespace
}  // namespace scanhost::store
