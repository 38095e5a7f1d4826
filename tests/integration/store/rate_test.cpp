// SPDX-License-Identifier: Apache-2.0
//
// A client whose commands are subject to a limit.
#include <gtest/gtest.h>

#include <memory>
#include <utility>

#include "store/rate_limits.hpp"
#include "store_test.hpp"

namespace scanhost::store {
namespace {

using namespace std::chrono_literals;
using test_support::private_server;

class rate_test : public store_test {
 protected:
  rate_limits limits_of(const config::rate_settings& own, const config::rate_settings& host = {},
                        const std::string& scanner = "test") {
    config::scanner_settings settings;
    settings.name = scanner;
    settings.rate = own;
    settings.host_rate = host;
    return shared_rate_limits(settings, settings_of(server));
  }

  static config::rate_settings fixed(std::uint64_t commands_per_s) {
    config::rate_settings rate;
    rate.commands_per_s = commands_per_s;
    return rate;
  }

  static config::rate_settings closed_loop(std::chrono::microseconds target, std::uint64_t min) {
    config::rate_settings rate;
    rate.target_latency = target;
    rate.min_commands_per_s = min;
    return rate;
  }

  void connect_limited(rate_limits limits) {
    line.emplace(context, settings_of(server), metrics, "test", std::move(limits));
    line->start();
    ASSERT_TRUE(up());
  }

  static command_list counting(std::size_t commands) {
    command_list list;
    for (std::size_t i = 0; i < commands; ++i) list.add({"INCR", "n"});
    return list;
  }

  std::int64_t counted() { return server.call({"INCRBY", "n", "0"}).integer; }

  // The limit when it has reached `goal`, while small batches are always waiting.
  template <class Goal>
  bool works_until(Goal goal) {
    return run_until([&] {
      if (line->has_room(1)) send(counting(50));
      return goal(*line->status().rate);
    });
  }

  private_server server{{.tcp = false, .append_only = false, .arguments = {}, .password = {}}};
};

TEST_F(rate_test, a_large_batch_leaves_in_parts_and_its_outcomes_come_back_together_in_order) {
  connect_limited(limits_of(fixed(500)));
  const auto start = base::steady::now();
  const auto& replies = ask(counting(250));
  const auto span = base::steady::now() - start;
  ASSERT_EQ(replies.outcome_count, 250u);
  for (std::size_t i = 0; i < replies.outcome_count; ++i)
    ASSERT_EQ(replies.outcomes[i].reply->integer, static_cast<std::int64_t>(i) + 1);
  EXPECT_GE(span, 350ms);  // 500 ms, but for a burst of 100 ms and one part
  EXPECT_GE(metric("scanhost_rate_limit_wait_seconds_total{scanner=\"test\"}"), 0.3);
}

TEST_F(rate_test, a_batch_that_fits_does_not_wait) {
  connect_limited(limits_of(fixed(1000)));
  const auto which = send(counting(10));
  EXPECT_FALSE(line->is_waiting(which));
  EXPECT_TRUE(line->has_room(1));
  ASSERT_TRUE(run_until([&] { return ended.size() == 1; }));
  EXPECT_EQ(line->status().rate->waited, 0ms);
}

TEST_F(rate_test, there_is_no_room_while_a_batch_waits) {
  connect_limited(limits_of(fixed(10)));
  const auto which = send(counting(50));
  EXPECT_TRUE(line->is_waiting(which));
  EXPECT_FALSE(line->has_room(1));
  EXPECT_FALSE(line->has_room("x", 1));
  EXPECT_GT(line->status().rate->waiting, 40u);
  EXPECT_EQ(line->status().rate->commands_per_s, 10);
}

TEST_F(rate_test, small_batches_get_as_much_as_large_ones) {
  const auto of_host = fixed(1000);
  connect_limited(limits_of({}, of_host));
  send(counting(5000));
  client small(context, settings_of(server), metrics, "small", limits_of({}, of_host, "small"));
  small.start();
  ASSERT_TRUE(run_until([&] { return small.status().state == connection_state::up; }));
  std::size_t answered = 0;
  auto single = counting(1);
  const auto large_sent = [&] { return 5000 - line->status().rate->waiting; };
  const auto before = large_sent();
  ASSERT_TRUE(run_until([&] {
    while (small.has_room(1))
      small.execute(single.data(), 1, sizeof(scanhost_command), {}, [&](auto) { ++answered; });
    return large_sent() >= before + 300;
  }));
  EXPECT_GT(answered, 150u);
  EXPECT_LT(answered, 600u);
  small.stop();
}

TEST_F(rate_test, a_cancelled_batch_keeps_what_was_sent_and_lets_the_next_go_on) {
  connect_limited(limits_of(fixed(20)));
  const auto which = send(counting(1000));
  const auto next = send({{"ECHO", "x"}});
  const auto some_answered = [&] {
    return line->status().rate->waiting < 999 && line->status().in_flight == 0;
  };
  ASSERT_TRUE(run_until(some_answered));
  line->cancel(which);
  EXPECT_TRUE(ended.empty());
  ASSERT_TRUE(run_until([&] { return ended.size() == 2; }));
  const auto& first = *ended[0]->raw();
  ASSERT_EQ(first.outcome_count, 1000u);
  EXPECT_EQ(first.outcomes[0].reply->integer, 1);
  EXPECT_EQ(first.outcomes[999].kind, SCANHOST_OUTCOME_CANCELLED);
  EXPECT_EQ(text_of(ended[1]->raw()->outcomes[0].reply->text), "x");
  EXPECT_LT(counted(), 20);
  EXPECT_FALSE(line->has_waited(next));
}

TEST_F(rate_test, what_waits_leaves_at_once_when_the_limits_are_disabled) {
  connect_limited(limits_of(fixed(1)));
  send(counting(100));
  send(counting(100));
  line->set_limits_enabled(false);
  ASSERT_TRUE(run_until([&] { return ended.size() == 2; }));
  EXPECT_EQ(counted(), 200);
}

TEST_F(rate_test, a_stop_completes_what_waits) {
  connect_limited(limits_of(fixed(1)));
  send(counting(100));
  line->stop();
  ASSERT_TRUE(run_until([&] { return ended.size() == 1; }));
  EXPECT_EQ(ended[0]->raw()->outcomes[99].kind, SCANHOST_OUTCOME_TRANSIENT);
}

TEST_F(rate_test, both_limits_hold_and_the_lower_is_shown) {
  connect_limited(limits_of(fixed(100'000), fixed(100)));
  EXPECT_EQ(line->status().rate->commands_per_s, 100);
  const auto start = base::steady::now();
  ask(counting(40));
  EXPECT_GE(base::steady::now() - start, 200ms);
}

TEST_F(rate_test, scanners_share_the_limit_of_the_host_but_not_their_own) {
  const auto first = limits_of(fixed(5), fixed(7), "first");
  const auto second = limits_of(fixed(5), fixed(7), "second");
  const auto again = limits_of(fixed(5), fixed(7), "first");
  EXPECT_EQ(first.at(1).limiter, second.at(1).limiter);
  EXPECT_NE(first.at(0).limiter, second.at(0).limiter);
  EXPECT_EQ(first.at(0).limiter, again.at(0).limiter);
  EXPECT_NE(limits_of({}, fixed(8)).at(0).limiter, first.at(1).limiter);
}

TEST_F(rate_test, the_closed_loop_rises_while_the_server_is_quick) {
  connect_limited(limits_of(closed_loop(10s, 100)));
  EXPECT_TRUE(works_until([](const rate_status& rate) { return rate.commands_per_s > 300; }));
  EXPECT_TRUE(line->status().rate->latency);
}

TEST_F(rate_test, the_closed_loop_falls_while_the_server_is_slow) {
  connect_limited(limits_of(closed_loop(100ms, 100)));
  ASSERT_TRUE(works_until([](const rate_status& rate) { return rate.commands_per_s > 300; }));
  const auto before = line->status().rate->commands_per_s;
  server.call({"CLIENT", "PAUSE", "3000", "ALL"});
  EXPECT_TRUE(works_until([&](const rate_status& rate) { return rate.commands_per_s < before / 2; }));
  EXPECT_TRUE(works_until([](const rate_status& rate) { return rate.latency && *rate.latency > 100ms; }));
}

TEST_F(rate_test, the_latency_is_not_measured_while_nothing_is_sent) {
  connect_limited(limits_of(closed_loop(10s, 1000)));
  ASSERT_TRUE(works_until([](const rate_status& rate) { return rate.latency.has_value(); }));
  boost::asio::steady_timer keeps_running(context, 30s);
  keeps_running.async_wait([](const auto&) {});
  const auto clocks = [&] {
    const auto text = server.call({"INFO", "commandstats"}).text;
    const auto found = text.find("cmdstat_time:calls=");
    return found == std::string::npos ? 0 : std::stoll(text.substr(found + 19));
  };
  while (line->status().rate->latency) server.call({"PING"});  // a second after the last use
  const auto before = clocks();
  for (int i = 0; i < 1000; ++i) server.call({"PING"});
  EXPECT_EQ(clocks(), before);
}

}  // namespace
}  // namespace scanhost::store
