// SPDX-License-Identifier: Apache-2.0
//
// A client and a real cluster. The tests share one cluster of three primaries, and leave its slots where they
// were; those in which nodes die have their own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <set>
#include <thread>

#include "scanhost/slots.hpp"
#include "store/protocol/script.hpp"
#include "store/protocol/states.hpp"
#include "store/session.hpp"
#include "store_test.hpp"
#include "support/certificates.hpp"
#include "support/files.hpp"
#include "support/private_cluster.hpp"

namespace scanhost::store {
namespace {

using test_support::cluster_options;
using test_support::private_cluster;
using testing::HasSubstr;
using namespace std::chrono_literals;

private_cluster& shared_cluster() {
  static private_cluster cluster;
  return cluster;
}

config::store_settings settings_at(std::uint16_t port) {
  config::store_settings settings;
  settings.url = "valkey://127.0.0.1:" + std::to_string(port);
  settings.addresses = {{"127.0.0.1", port}};
  return settings;
}

std::string key(int number) { return "{k" + std::to_string(number) + "}"; }

class cluster_test : public store_test {
 protected:
  void SetUp() override { cluster.call_all({"FLUSHALL"}); }
  void TearDown() override { line.reset(); }

  config::store_settings settings() { return settings_at(cluster.node(0).port()); }

  // The kinds of all outcomes; nothing but replies is one REPLY.
  static std::set<std::int32_t> kinds_of(const scanhost_replies& replies) {
    std::set<std::int32_t> kinds;
    for (std::size_t i = 0; i < replies.outcome_count; ++i) {
      kinds.insert(replies.outcomes[i].kind);
      if (replies.outcomes[i].kind != SCANHOST_OUTCOME_REPLY)
        std::cout << "command " << i << ": " << message_of(replies.outcomes[i]) << '\n';
    }
    return kinds;
  }
  static constexpr auto all_replied = [](const std::set<std::int32_t>& kinds) {
    return kinds == std::set<std::int32_t>{SCANHOST_OUTCOME_REPLY};
  };

  // What is to be sent leaves, and is answered while the loop does not look.
  void be_busy_while_replies_arrive(base::milliseconds time) {
    for (std::size_t node = 0; node < 3; ++node) cluster.node(node).freeze();
    context.restart();
    context.poll();
    for (std::size_t node = 0; node < 3; ++node) cluster.node(node).thaw();
    std::this_thread::sleep_for(time);
  }

  std::uint64_t connections_of_test(std::size_t node) {
    const auto list = cluster.node(node).call({"CLIENT", "LIST"}).text;
    std::uint64_t count = 0;
    for (auto at = list.find("name=scanhost:test"); at != std::string::npos;
         at = list.find("name=scanhost:test", at + 1))
      ++count;
    return count;
  }

  private_cluster& cluster = shared_cluster();
};

TEST_F(cluster_test, splits_a_batch_and_joins_the_replies_in_order) {
  connect(settings());
  command_list writes, reads;
  for (int i = 0; i < 300; ++i) {
    writes.add({"SET", key(i), std::to_string(i)});
    reads.add({"GET", key(i)});
  }
  EXPECT_PRED1(all_replied, kinds_of(ask(std::move(writes))));
  const auto& replies = ask(std::move(reads));
  for (std::size_t i = 0; i < 300; ++i)
    ASSERT_EQ(text_of(replies.outcomes[i].reply->text), std::to_string(i));
  for (std::size_t node = 0; node < 3; ++node)
    EXPECT_GT(cluster.node(node).call({"DBSIZE"}).integer, 50) << node;
}

TEST_F(cluster_test, does_what_was_given_before_the_cluster_was_known) {
  connect(settings());
  send({{"SET", key(1), "a"}});
  send({{"SET", key(2), "b"}, {"GET", key(2)}});
  ASSERT_TRUE(run_until([&] { return ended.size() == 2; }));
  // They go to different nodes, so either may be the first.
  const auto by_size = [](const auto& batch) { return batch->raw()->outcome_count; };
  const auto& longer = *(*std::ranges::max_element(ended, {}, by_size))->raw();
  ASSERT_EQ(longer.outcome_count, 2u);
  ASSERT_EQ(longer.outcomes[1].kind, SCANHOST_OUTCOME_REPLY) << message_of(longer.outcomes[1]);
  EXPECT_EQ(text_of(longer.outcomes[1].reply->text), "b");
  EXPECT_EQ(cluster.call({"GET", key(1)}).text, "a");
}

TEST_F(cluster_test, needs_no_redirect_for_keys_that_it_can_find) {
  connect(settings());
  ASSERT_TRUE(up());
  const auto moved = [&] {
    std::int64_t errors = 0;
    for (std::size_t node = 0; node < 3; ++node) {
      const auto text = cluster.node(node).call({"INFO", "errorstats"}).text;
      if (const auto at = text.find("errorstat_MOVED:count="); at != std::string::npos)
        errors += std::stoll(text.substr(at + 22));
    }
    return errors;
  };
  const auto before = moved();
  command_list list;
  for (int i = 0; i < 100; ++i) {
    list.add({"SET", key(i), "v"});
    list.add({"EVAL", "return 1", "1", key(i)});
    list.add({"XINFO", "STREAM", key(i)});
  }
  ask(std::move(list));
  EXPECT_EQ(moved(), before);
}

TEST_F(cluster_test, opens_connections_only_to_nodes_that_are_needed) {
  connect(settings());
  ask({{"SET", key(1), "v"}});
  const auto owner = cluster.owner_of(slot_of(key(1)));
  for (std::size_t node = 0; node < 3; ++node)
    EXPECT_EQ(connections_of_test(node), node == owner ? 1u : 0u) << node;
}

TEST_F(cluster_test, writes_what_is_for_one_node_in_one_piece) {
  connect(settings());
  command_list list;
  for (int i = 0; i < 30; ++i) list.add({"GET", key(i)});
  ask(list);
  const auto reads = [&](std::size_t node) {
    const auto text = cluster.node(node).call({"INFO", "stats"}).text;
    return std::stoll(text.substr(text.find("total_reads_processed:") + 22));
  };
  const std::array before{reads(0), reads(1), reads(2)};
  for (int i = 0; i < 200; ++i) send({{"GET", key(i)}});
  ASSERT_TRUE(run_until([&] { return ended.size() == 201; }));
  // Besides ours: the INFO itself, and what the nodes say to each other on other ports is not counted.
  for (std::size_t node = 0; node < 3; ++node) EXPECT_LE(reads(node) - before[node], 3) << node;
}

TEST_F(cluster_test, follows_a_slot_that_has_moved) {
  connect(settings());
  ask({{"SET", key(7), "before"}});
  const auto slot = slot_of(key(7));
  const auto from = cluster.owner_of(slot);
  cluster.move_slot(slot, (from + 1) % 3);
  const auto& replies = ask({{"GET", key(7)}, {"APPEND", key(7), " and after"}, {"GET", key(7)}});
  EXPECT_EQ(text_of(replies.outcomes[0].reply->text), "before");
  EXPECT_EQ(text_of(replies.outcomes[2].reply->text), "before and after");
  cluster.move_slot(slot, from);
}

TEST_F(cluster_test, asks_where_a_key_is_while_its_slot_is_on_its_way) {
  connect(settings());
  ask({{"SET", "{m}1", "a"}, {"SET", "{m}2", "b"}});
  const auto slot = slot_of("{m}");
  const auto from = cluster.owner_of(slot);
  const auto to = (from + 1) % 3;
  cluster.begin_migration(slot, to);
  cluster.move_key("{m}1", to);
  const auto script = make_script("return redis.call('GET', KEYS[1])");
  const auto& replies = ask({{"GET", "{m}1"}, {"GET", "{m}2"}, {"SET", "{m}3", "c"}, {"GET", "{m}3"}});
  EXPECT_EQ(text_of(replies.outcomes[0].reply->text), "a");
  EXPECT_EQ(text_of(replies.outcomes[1].reply->text), "b");
  EXPECT_EQ(text_of(replies.outcomes[3].reply->text), "c");
  cluster.node(from).call({"CLUSTER", "SETSLOT", std::to_string(slot), "STABLE"});
  cluster.node(to).call({"CLUSTER", "SETSLOT", std::to_string(slot), "STABLE"});
  cluster.move_slot(slot, to);
  cluster.move_slot(slot, from);
}

TEST_F(cluster_test, tries_again_while_the_keys_of_a_command_are_at_two_nodes) {
  connect(settings());
  ask({{"MSET", "{t}1", "a", "{t}2", "b"}});
  const auto slot = slot_of("{t}");
  const auto from = cluster.owner_of(slot);
  const auto to = (from + 1) % 3;
  cluster.begin_migration(slot, to);
  cluster.move_key("{t}1", to);
  send({{"MGET", "{t}1", "{t}2"}});
  const auto soon = base::steady::now() + 200ms;
  (void)run_until([&] { return base::steady::now() > soon; });
  const auto before = ended.size();
  cluster.move_slot(slot, to);
  ASSERT_TRUE(run_until([&] { return ended.size() == 2; }));
  EXPECT_EQ(before, 1u);
  const auto& reply = *ended.back()->raw()->outcomes[0].reply;
  EXPECT_EQ(text_of(reply.elements[1].text), "b");
  cluster.move_slot(slot, from);
}

// The server looks for a key at the other node as soon as it is not at this one, in a script also.
TEST_F(cluster_test, is_at_fault_where_a_script_misses_a_key_while_its_slot_is_on_its_way) {
  connect(settings());
  ask({{"SET", "{s}1", "a"}});
  const auto slot = slot_of("{s}");
  const auto from = cluster.owner_of(slot);
  const auto to = (from + 1) % 3;
  cluster.begin_migration(slot, to);
  const std::string removes = "redis.call('DEL', KEYS[1]) return redis.call('EXISTS', KEYS[1])";
  const auto& replies = ask({{"EVAL", removes, "1", "{s}1"}});
  EXPECT_EQ(replies.outcomes[0].kind, SCANHOST_OUTCOME_ERROR_REPLY);
  const auto found = judge(message_of(replies.outcomes[0]));
  EXPECT_EQ(found.fault, fault::store) << message_of(replies.outcomes[0]);
  EXPECT_EQ(found.state, state::slots_moving);
  cluster.move_slot(slot, to);
  cluster.move_slot(slot, from);
}

TEST_F(cluster_test, gives_the_servers_answer_to_keys_in_several_slots) {
  connect(settings());
  const auto& replies = ask({{"MGET", key(1), key(2)}, {"SET", key(1), "v"}});
  EXPECT_EQ(replies.outcomes[0].kind, SCANHOST_OUTCOME_ERROR_REPLY);
  EXPECT_THAT(message_of(replies.outcomes[0]), HasSubstr("CROSSSLOT"));
  EXPECT_EQ(replies.outcomes[1].kind, SCANHOST_OUTCOME_REPLY);
}

TEST_F(cluster_test, runs_scripts_that_a_node_has_lost) {
  connect(settings());
  const auto script = make_script("return redis.call('INCR', KEYS[1])");
  const auto counter = key(3);
  const std::array words{string_of("1"), string_of(counter)};
  const scanhost_command command{
      sizeof(scanhost_command), 0, words.data(), words.size(), {}, {}, 0, script.get(), 0, 0};
  for (std::size_t time = 1; time <= 3; ++time) {
    line->execute(&command, 1, sizeof command, "", [this](auto batch) { ended.push_back(std::move(batch)); });
    ASSERT_TRUE(run_until([&] { return ended.size() == time; }));
    ASSERT_EQ(ended.back()->raw()->outcomes[0].kind, SCANHOST_OUTCOME_REPLY);
    EXPECT_EQ(ended.back()->raw()->outcomes[0].reply->integer, static_cast<std::int64_t>(time));
    cluster.call_all({"SCRIPT", "FLUSH"});
  }
}

TEST_F(cluster_test, counts_each_command_once) {
  connect(settings());
  const auto slot = slot_of(key(9));
  const auto from = cluster.owner_of(slot);
  ask({{"SET", key(9), "v"}});
  cluster.move_slot(slot, (from + 1) % 3);
  ask({{"GET", key(9)}, {"GET", key(1)}});
  EXPECT_EQ(metric("scanhost_commands_total{outcome=\"reply\",scanner=\"test\"}"), 3);
  cluster.move_slot(slot, from);
}

TEST_F(cluster_test, completes_a_cancelled_batch) {
  connect(settings());
  ask({{"SET", key(1), "v"}});
  command_list list;
  for (int i = 0; i < 20; ++i) list.add({"GET", key(i)});
  const auto which = send(std::move(list));
  line->cancel(which);
  ASSERT_TRUE(run_until([&] { return ended.size() == 2; }));
  EXPECT_EQ(kinds_of(*ended[1]->raw()), std::set<std::int32_t>{SCANHOST_OUTCOME_CANCELLED});
}

TEST_F(cluster_test, completes_everything_when_it_stops) {
  connect(settings());
  send({{"GET", key(1)}});
  line->stop();
  send({{"GET", key(1)}});
  ASSERT_TRUE(run_until([&] { return ended.size() == 2; }));
  for (const auto& batch : ended) EXPECT_EQ(batch->raw()->outcomes[0].kind, SCANHOST_OUTCOME_TRANSIENT);
  EXPECT_EQ(line->status().state, connection_state::stopped);
}

// What it has still to do then must not touch the loop, which may be going as well.
TEST_F(cluster_test, may_end_at_any_moment_together_with_its_loop) {
  for (int steps = 0; steps < 60; ++steps) {
    boost::asio::io_context own_loop{1};
    metrics::registry own_metrics;
    std::optional<client> own(std::in_place, own_loop, settings(), own_metrics, "brief");
    own->start();
    command_list list({{"SET", key(1), "v"}, {"SET", key(2), "v"}});
    own->execute(list.data(), list.size(), sizeof(scanhost_command), "", [](auto) {});
    const auto end = base::steady::now() + 5s;
    for (int step = 0; step < steps; ++step)
      own_loop.run_one_until(std::min(end, base::steady::now() + 20ms));
    own.reset();
  }
}

TEST_F(cluster_test, knows_the_time_of_each_node) {
  connect(settings());
  ASSERT_TRUE(up());
  ASSERT_EQ(line->node_count(), 3u);
  for (std::size_t node = 0; node < 3; ++node) {
    bool answered = false;
    const auto route = line->node_route(node);
    EXPECT_EQ(line->node_at(route), "127.0.0.1:" + std::to_string(cluster.node(node).port()));
    line->refresh_clock(route, [&](base::result<void> done) { answered = done.has_value(); });
    ASSERT_TRUE(run_until([&] { return answered; }));
    EXPECT_LT(line->clock_age(route), 5s);
    EXPECT_GT(line->now(route).time_since_epoch().count(), 0);
  }
}

TEST_F(cluster_test, reaches_each_node_with_commands_without_keys) {
  for (int i = 0; i < 60; ++i) cluster.call({"SET", key(i), "v"});
  connect(settings());
  ASSERT_TRUE(up());
  std::int64_t keys = 0;
  for (std::size_t node = 0; node < line->node_count(); ++node) {
    command_list size({{"DBSIZE"}});
    line->execute(size.data(), 1, sizeof(scanhost_command), line->node_route(node),
                  [&](auto batch) { ended.push_back(std::move(batch)); });
    ASSERT_TRUE(run_until([&] { return ended.size() == node + 1; }));
    keys += ended.back()->raw()->outcomes[0].reply->integer;
  }
  EXPECT_EQ(keys, 60);
}

TEST_F(cluster_test, is_an_error_where_a_standalone_server_is_configured) {
  auto standalone = settings();
  standalone.mode = config::store_mode::standalone;
  connect(standalone);
  const auto& replies = ask({{"GET", key(1)}});
  EXPECT_EQ(replies.outcomes[0].kind, SCANHOST_OUTCOME_PERMANENT);
  EXPECT_THAT(message_of(replies.outcomes[0]),
              HasSubstr("the server is a node of a cluster, but store.mode is standalone"));
}

TEST_F(cluster_test, begins_at_any_node_that_answers) {
  auto several = settings();
  several.mode = config::store_mode::cluster;
  connect(several);
  ask({{"SET", key(1), "v"}});
  auto session = session::open(several);
  ASSERT_TRUE(session);
  EXPECT_EQ(session->node_count(), 3u);
  EXPECT_EQ(text_of(reply_of(**session->call({"GET", key(1)})).text), "v");
  for (std::size_t node = 0; node < 3; ++node) EXPECT_TRUE(session->call_at(node, {"PING"})) << node;
}

TEST_F(cluster_test, works_without_the_right_to_ask_for_the_commands) {
  cluster.call_all({"ACL", "SETUSER", "few", "on", ">pw", "~*", "+@all", "-command"});
  auto few = settings();
  few.username = "few";
  few.password = base::secret("pw");
  connect(few);
  command_list list;
  for (int i = 0; i < 30; ++i) list.add({"SET", key(i), "v"});
  EXPECT_PRED1(all_replied, kinds_of(ask(std::move(list))));
}

TEST_F(cluster_test, says_which_right_it_lacks) {
  cluster.call_all({"ACL", "SETUSER", "blind", "on", ">pw", "~*", "+@all", "-cluster"});
  auto blind = settings();
  blind.username = "blind";
  blind.password = base::secret("pw");
  connect(blind);
  const auto& replies = ask({{"GET", key(1)}});
  EXPECT_EQ(replies.outcomes[0].kind, SCANHOST_OUTCOME_PERMANENT);
  EXPECT_THAT(message_of(replies.outcomes[0]), HasSubstr("cluster"));
  EXPECT_FALSE(session::open(blind));
}

TEST(cluster_mode, is_an_error_at_a_server_without_a_cluster) {
  test_support::private_server server({.tcp = true, .append_only = false, .arguments = {}, .password = {}});
  auto settings = settings_at(server.port());
  settings.mode = config::store_mode::cluster;
  const auto opened = session::open(settings);
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().message, HasSubstr("the server is not part of a cluster"));
}

// A plugin may compute for long; what has arrived meanwhile is not read yet.
TEST_F(cluster_test, takes_no_node_for_silent_because_its_own_thread_was_busy) {
  connect(settings());
  ask({{"SET", key(1), "v"}, {"SET", key(2), "v"}, {"SET", key(3), "v"}});
  command_list list;
  for (int i = 0; i < 60; ++i) list.add({"GET", key(i)});
  send(std::move(list));
  be_busy_while_replies_arrive(2500ms);
  bool silent = false;
  ASSERT_TRUE(run_until([&] {
    silent = silent || !line->status().unreachable.empty();
    return ended.size() == 2;
  }));
  EXPECT_FALSE(silent);
}

// --- nodes that die ----------------------------------------------------------------------------------

class failover_test : public store_test {
 protected:
  void TearDown() override { line.reset(); }

  // Sends a write for each of many keys again and again until all are carried out.
  bool all_written(std::chrono::seconds limit) {
    const auto end = base::steady::now() + limit;
    while (base::steady::now() < end) {
      command_list list;
      for (int i = 0; i < 60; ++i) list.add({"SET", key(i), "v"});
      const auto& replies = ask(std::move(list));
      bool all = true;
      for (std::size_t i = 0; i < replies.outcome_count; ++i) {
        const auto kind = replies.outcomes[i].kind;
        EXPECT_TRUE(kind == SCANHOST_OUTCOME_REPLY || kind == SCANHOST_OUTCOME_TRANSIENT)
            << message_of(replies.outcomes[i]);
        all = all && kind == SCANHOST_OUTCOME_REPLY;
      }
      if (all) return true;
      std::this_thread::sleep_for(10ms);
    }
    return false;
  }

  private_cluster cluster{cluster_options{.replicas_of_each = 1}};
};

TEST_F(failover_test, goes_on_at_the_replica_of_a_primary_that_died) {
  connect(settings_at(cluster.node(0).port()));
  ASSERT_TRUE(all_written(5s));
  cluster.node(0).kill();
  ask({{"SET", key(1), "v"}, {"SET", key(2), "v"}, {"SET", key(3), "v"}, {"SET", key(4), "v"}});
  cluster.wait_until_replaced(0);
  EXPECT_TRUE(all_written(2s));
  ASSERT_TRUE(run_until([&] { return line->status().unreachable.empty(); }));
  EXPECT_EQ(line->status().state, connection_state::up);
  EXPECT_EQ(line->node_count(), 3u);
}

TEST_F(failover_test, loses_nothing_when_a_replica_takes_over) {
  connect(settings_at(cluster.node(0).port()));
  ASSERT_TRUE(all_written(5s));
  cluster.node(3).call({"CLUSTER", "FAILOVER", "TAKEOVER"});
  EXPECT_TRUE(all_written(5s));
  cluster.wait_until_replaced(0);
  EXPECT_TRUE(all_written(2s));
  EXPECT_EQ(line->status().state, connection_state::up);
}

TEST_F(failover_test, says_which_node_is_away) {
  connect(settings_at(cluster.node(0).port()));
  ASSERT_TRUE(all_written(5s));
  cluster.node(1).freeze();
  cluster.node(4).freeze();
  cluster.node(1).kill();
  ask({{"SET", key(1), "v"}, {"SET", key(2), "v"}, {"SET", key(3), "v"}, {"SET", key(4), "v"}});
  ASSERT_TRUE(run_until([&] { return line->status().state == connection_state::down; }));
  const auto away = "127.0.0.1:" + std::to_string(cluster.node(1).port());
  EXPECT_THAT(line->status().unreachable, testing::Contains(away));
  EXPECT_THAT(line->status().last_error, HasSubstr(away));
  EXPECT_EQ(metric("scanhost_connection_up{scanner=\"test\"}"), 0);
  cluster.node(4).thaw();
}

TEST_F(failover_test, names_a_node_that_stands_still_until_it_goes_on) {
  auto patient = settings_at(cluster.node(0).port());
  patient.command_timeout = 120s;  // what would end the connection
  connect(patient);
  ASSERT_TRUE(all_written(5s));
  cluster.node(4).freeze();  // its replica
  cluster.node(1).freeze();
  const auto before = ended.size();
  command_list list;
  for (int i = 0; i < 60; ++i) list.add({"SET", key(i), "v"});
  send(std::move(list));
  const auto away = "127.0.0.1:" + std::to_string(cluster.node(1).port());
  ASSERT_TRUE(run_until([&] { return line->status().unreachable == std::vector{away}; }));
  EXPECT_EQ(line->status().state, connection_state::down);
  EXPECT_THAT(line->status().last_error, HasSubstr(away));
  ASSERT_TRUE(run_until([&] { return metric("scanhost_connection_up{scanner=\"test\"}") == 0; }));
  EXPECT_EQ(ended.size(), before);
  cluster.node(1).thaw();
  cluster.node(4).thaw();
  ASSERT_TRUE(run_until([&] { return ended.size() > before; }));
  EXPECT_EQ(ended.back()->raw()->outcomes[0].kind, SCANHOST_OUTCOME_REPLY);
  ASSERT_TRUE(run_until([&] { return line->status().state == connection_state::up; }));
  ASSERT_TRUE(run_until([&] { return metric("scanhost_connection_up{scanner=\"test\"}") == 1; }));
}

// --- TLS ---------------------------------------------------------------------------------------------

TEST_F(store_test, reaches_all_nodes_of_a_cluster_over_tls) {
  const test_support::temporary_folder folder;
  const test_support::authority issuer("tests");
  const auto pair = issuer.issue();
  test_support::write(folder / "ca.pem", issuer.certificate());
  test_support::write(folder / "server.pem", pair.certificate);
  test_support::write(folder / "server.key", pair.key);
  cluster_options options;
  options.folder = folder.path().string();
  options.arguments_of = [](std::uint16_t port, const std::string& files) -> std::vector<std::string> {
    return {"--tls-port",         std::to_string(port),
            "--tls-cert-file",    files + "/server.pem",
            "--tls-key-file",     files + "/server.key",
            "--tls-ca-cert-file", files + "/ca.pem",
            "--tls-auth-clients", "no",
            "--tls-cluster",      "yes"};
  };
  private_cluster cluster(options);
  auto settings = settings_at(cluster.tls_port(0));
  settings.tls.emplace();
  settings.tls->ca_file = folder / "ca.pem";
  connect(settings);
  command_list list;
  for (int i = 0; i < 60; ++i) list.add({"SET", key(i), "v"});
  const auto& replies = ask(std::move(list));
  for (std::size_t i = 0; i < replies.outcome_count; ++i)
    ASSERT_EQ(replies.outcomes[i].kind, SCANHOST_OUTCOME_REPLY) << message_of(replies.outcomes[i]);
  const auto slot = slot_of(key(1));
  const auto from = cluster.owner_of(slot);
  cluster.move_slot(slot, (from + 1) % 3);
  EXPECT_EQ(text_of(ask({{"GET", key(1)}}).outcomes[0].reply->text), "v");
  line.reset();
}

}  // namespace
}  // namespace scanhost::store
