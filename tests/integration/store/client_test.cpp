// SPDX-License-Identifier: Apache-2.0
//
// A client and a real server, both well-behaved.
#include <gtest/gtest.h>

#include <array>

#include "store/protocol/script.hpp"
#include "store_test.hpp"

namespace scanhost::store {
namespace {

using test_support::private_server;
using namespace std::string_literals;

class client_test : public store_test {
 protected:
  private_server server{{.tcp = true, .append_only = false, .arguments = {}, .password = {}}};
};

TEST_F(client_test, answers_in_order_within_and_across_batches) {
  connect(settings_of(server));
  for (int i = 0; i < 100; ++i) {
    send({{"INCR", "n"}, {"ECHO", std::to_string(i)}, {"INCR", "n"}});
  }
  ASSERT_TRUE(run_until([&] { return ended.size() == 100; }));
  for (int i = 0; i < 100; ++i) {
    const auto* outcomes = ended[static_cast<std::size_t>(i)]->raw()->outcomes;
    ASSERT_EQ(outcomes[0].reply->integer, 2 * i + 1);
    ASSERT_EQ(text_of(outcomes[1].reply->text), std::to_string(i));
    ASSERT_EQ(outcomes[2].reply->integer, 2 * i + 2);
  }
  EXPECT_EQ(metric("scanhost_commands_total{outcome=\"reply\",scanner=\"test\"}"), 300);
}

TEST_F(client_test, never_completes_inside_execute) {
  connect(settings_of(server));
  ASSERT_TRUE(up());
  send({{"MULTI"}});
  EXPECT_TRUE(ended.empty());
  ASSERT_TRUE(run_until([&] { return !ended.empty(); }));
  EXPECT_EQ(ended[0]->raw()->outcomes[0].kind, SCANHOST_OUTCOME_REFUSED);
}

TEST_F(client_test, writes_what_is_ready_in_one_piece) {
  connect(settings_of(server));
  ASSERT_TRUE(up());
  const auto reads = [&] {
    const auto text = server.call({"INFO", "stats"}).text;
    const auto found = text.find("total_reads_processed:");
    return std::stoll(text.substr(found + 22));
  };
  const auto before = reads();
  for (int i = 0; i < 256; ++i) send({{"GET", std::to_string(i)}});
  ASSERT_TRUE(run_until([&] { return ended.size() == 256; }));
  // One read for our commands, another for the INFO itself.
  EXPECT_LE(reads() - before, 3);
}

TEST_F(client_test, does_a_hundred_thousand_commands_in_one_batch) {
  connect(settings_of(server));
  command_list commands;
  for (int i = 0; i < 100'000; ++i) commands.add({"INCR", "n"});
  const auto& replies = ask(std::move(commands));
  ASSERT_EQ(replies.outcome_count, 100'000u);
  for (std::size_t i = 0; i < replies.outcome_count; ++i) {
    ASSERT_EQ(replies.outcomes[i].reply->integer, static_cast<std::int64_t>(i + 1));
  }
}

TEST_F(client_test, feels_back_pressure_and_still_does_everything) {
  auto settings = settings_of(server);
  settings.max_in_flight = 16;
  connect(settings);
  ASSERT_TRUE(up());
  std::uint64_t max_seen = 0;
  for (int i = 0; i < 1000; ++i) send({{"INCR", "n"}, {"INCR", "n"}, {"INCR", "n"}});
  EXPECT_FALSE(line->has_room("", 1));
  ASSERT_TRUE(run_until([&] {
    max_seen = std::max(max_seen, line->status().in_flight);
    return ended.size() == 1000;
  }));
  EXPECT_LE(max_seen, 16u);
  EXPECT_EQ(ended.back()->raw()->outcomes[2].reply->integer, 3000);
  EXPECT_TRUE(line->has_room("", 16));
}

TEST_F(client_test, carries_large_values_both_ways) {
  connect(settings_of(server));
  std::string value(6 << 20, 'v');
  for (std::size_t i = 0; i < value.size(); i += 1000) value[i] = static_cast<char>(i);
  const auto& replies = ask({{"SET", "k", value}, {"GET", "k"}, {"PING"}});
  EXPECT_TRUE(text_of(replies.outcomes[1].reply->text) == value);
  EXPECT_EQ(text_of(replies.outcomes[2].reply->text), "PONG");
}

TEST_F(client_test, is_binary_safe) {
  connect(settings_of(server));
  const auto key = "k\0\r\n*1 \xff"s;
  const auto& replies =
      ask({{"SET", key, "\0"s}, {"GET", key}, {"KEYS", "*"}, {"SET", "empty", ""}, {"GET", "empty"}});
  EXPECT_EQ(text_of(replies.outcomes[1].reply->text), "\0"s);
  EXPECT_EQ(text_of(replies.outcomes[2].reply->elements[0].text), key);
  EXPECT_EQ(text_of(replies.outcomes[4].reply->text), "");
}

TEST_F(client_test, works_over_tcp_by_address_and_by_name) {
  for (const auto* host : {"127.0.0.1", "localhost"}) {
    config::store_settings settings;
    settings.addresses = {{host, server.port()}};
    connect(settings);
    EXPECT_EQ(text_of(ask({{"PING"}}).outcomes[0].reply->text), "PONG") << host;
    EXPECT_EQ(line->status().endpoint, host + ":"s + std::to_string(server.port()));
  }
}

TEST_F(client_test, works_in_the_configured_database) {
  auto settings = settings_of(server);
  settings.database = 5;
  connect(settings);
  ask({{"SET", "k", "five"}});
  EXPECT_EQ(server.call({"EXISTS", "k"}).integer, 0);
  server.call({"SELECT", "5"});
  EXPECT_EQ(server.call({"GET", "k"}).text, "five");
}

TEST_F(client_test, shows_its_name_to_the_operator) {
  connect(settings_of(server));
  ASSERT_TRUE(up());
  EXPECT_NE(server.call({"CLIENT", "LIST"}).text.find("name=scanhost:test"), std::string::npos);
}

TEST_F(client_test, tells_errors_of_one_command_from_the_rest) {
  connect(settings_of(server));
  const auto& replies = ask({{"SET", "k", "v"}, {"LPUSH", "k", "x"}, {"GET", "k"}});
  EXPECT_EQ(replies.outcomes[1].kind, SCANHOST_OUTCOME_ERROR_REPLY);
  EXPECT_TRUE(message_of(replies.outcomes[1]).starts_with("WRONGTYPE"));
  EXPECT_EQ(replies.outcomes[1].reply->kind, SCANHOST_REPLY_ERROR);
  EXPECT_EQ(text_of(replies.outcomes[2].reply->text), "v");
}

TEST_F(client_test, knows_the_time_of_the_server_and_is_never_ahead) {
  connect(settings_of(server));
  EXPECT_EQ(line->clock_age(""), base::steady::duration::max());
  ASSERT_TRUE(up());
  bool answered = false;
  line->refresh_clock("", [&](base::result<void> done) { answered = done.has_value(); });
  ASSERT_TRUE(run_until([&] { return answered; }));
  const auto ours = line->now("");
  const auto time = server.call({"TIME"});
  const auto theirs = std::stoll(time.elements[0].text) * 1000 + std::stoll(time.elements[1].text) / 1000;
  EXPECT_LE(ours.time_since_epoch().count(), theirs);
  EXPECT_GT(ours.time_since_epoch().count(), theirs - 30'000);
  EXPECT_LT(line->clock_age(""), std::chrono::seconds(30));
}

TEST_F(client_test, cancels_a_batch_and_goes_on_with_the_next) {
  connect(settings_of(server));
  ASSERT_TRUE(up());
  const auto first = send({{"INCR", "n"}, {"INCR", "n"}});
  send({{"ECHO", "next"}});
  line->cancel(first);
  EXPECT_TRUE(ended.empty()) << "cancel() must not call back itself";
  ASSERT_TRUE(run_until([&] { return ended.size() == 2; }));
  EXPECT_EQ(ended[0]->raw()->outcomes[1].kind, SCANHOST_OUTCOME_CANCELLED);
  EXPECT_EQ(text_of(ended[1]->raw()->outcomes[0].reply->text), "next");
  EXPECT_EQ(line->status().in_flight, 0u);
}

TEST_F(client_test, may_be_used_and_destroyed_from_a_callback) {
  connect(settings_of(server));
  command_list ping = {{"PING"}};
  bool second = false;
  line->execute(ping.data(), 1, sizeof(scanhost_command), "", [&](auto) {
    line->execute(ping.data(), 1, sizeof(scanhost_command), "", [&](auto) {
      second = true;
      line.reset();
    });
  });
  ASSERT_TRUE(run_until([&] { return second; }));
  EXPECT_FALSE(line);
}

TEST_F(client_test, completes_everything_when_it_is_stopped) {
  connect(settings_of(server));
  ASSERT_TRUE(up());
  send({{"PING"}});
  line->stop();
  send({{"PING"}});
  ASSERT_TRUE(run_until([&] { return ended.size() == 2; }));
  for (const auto& batch : ended) EXPECT_EQ(batch->raw()->outcomes[0].kind, SCANHOST_OUTCOME_TRANSIENT);
  EXPECT_EQ(line->status().state, connection_state::stopped);
  context.restart();
  context.run();  // returns, since nothing keeps the loop busy any more
}

TEST_F(client_test, runs_a_script_by_its_name_also_after_the_server_has_forgotten_it) {
  connect(settings_of(server));
  const auto script = make_script("return redis.call('INCR', KEYS[1])");
  const std::array args{string_of("1"), string_of("n")};
  scanhost_command command{};
  command.struct_size = sizeof command;
  command.args = args.data();
  command.arg_count = args.size();
  command.script = script.get();
  const std::array commands{command, command};
  for (int round = 0; round < 3; ++round) {
    if (round > 0) server.call({"SCRIPT", "FLUSH"});
    line->execute(commands.data(), commands.size(), sizeof command, "",
                  [this](auto batch) { ended.push_back(std::move(batch)); });
    ASSERT_TRUE(run_until([&] { return ended.size() == static_cast<std::size_t>(round + 1); }));
    EXPECT_EQ(ended.back()->raw()->outcomes[1].reply->integer, 2 * round + 2);
  }
}

TEST_F(client_test, knows_the_server) {
  connect(settings_of(server));
  EXPECT_EQ(line->server().name, "");
  ASSERT_TRUE(up());
  const auto info = server.call({"INFO", "server"}).text;
  EXPECT_EQ(line->server().name, info.find("valkey_version:") == std::string::npos ? "redis" : "valkey");
  EXPECT_NE(info.find("_version:" + line->server().version), std::string::npos);
  EXPECT_FALSE(line->server().cluster);
}

}  // namespace
}  // namespace scanhost::store
