// SPDX-License-Identifier: Apache-2.0
//
// Which commands leave, which wait, and how they complete: without a socket.
#include "store/protocol/pipeline.hpp"

#include <gtest/gtest.h>

#include <map>
#include <memory_resource>
#include <string>
#include <vector>

#include "support/commands.hpp"

namespace scanhost::store {
namespace {

using namespace std::chrono_literals;

base::steady_time moment(base::milliseconds since) { return base::steady_time(since); }

class pipeline_test : public ::testing::Test {
 protected:
  // Adds GETs of `keys` as one batch.
  ticket get(const std::vector<std::string>& keys, base::steady_time now = moment(0ms)) {
    command_list commands;
    for (const auto& key : keys) commands.add({"GET", key});
    return add(commands, now);
  }

  ticket add(command_list& commands, base::steady_time now = moment(0ms)) {
    const auto number = ++added_;
    return line.add(
        commands.data(), commands.size(), sizeof(scanhost_command),
        [this, number](std::unique_ptr<reply_batch> batch) {
          order.push_back(number);
          ended[number] = std::move(batch);
        },
        now);
  }

  // Answers the next command with an integer.
  void answer(std::int64_t number, base::steady_time now = moment(0ms)) {
    auto* memory = line.reply_memory();
    ASSERT_NE(memory, nullptr);
    auto* reply = ::new (memory->allocate(sizeof(scanhost_reply), alignof(scanhost_reply))) scanhost_reply{};
    reply->kind = SCANHOST_REPLY_INTEGER;
    reply->integer = number;
    line.answered(*reply, now);
  }

  void hand_out() {
    for (auto& each : line.take_finished()) each.done(std::move(each.batch));
  }

  const scanhost_outcome& outcome(int batch, std::size_t index = 0) {
    return ended.at(batch)->raw()->outcomes[index];
  }

  // How many commands are in the bytes to be written.
  std::size_t written() {
    const auto bytes = line.take_output();
    std::size_t count = 0;
    for (auto i = bytes.find('*'); i != std::string::npos; i = bytes.find('*', i + 1)) ++count;
    return count;
  }

  pipeline line{{4, 2000ms, 5000ms}};
  std::vector<int> order;
  std::map<int, std::unique_ptr<reply_batch>> ended;

 private:
  int added_ = 0;
};

TEST_F(pipeline_test, writes_all_that_is_ready_at_once) {
  line.opened(moment(0ms));
  get({"a"});
  get({"b", "c"});
  EXPECT_EQ(written(), 3u);
  EXPECT_FALSE(line.has_output());
}

TEST_F(pipeline_test, matches_replies_to_commands_in_order) {
  line.opened(moment(0ms));
  get({"a"});
  get({"b", "c"});
  answer(1);
  answer(2);
  hand_out();
  EXPECT_EQ(order, std::vector{1});
  answer(3);
  hand_out();
  EXPECT_EQ(order, (std::vector{1, 2}));
  EXPECT_EQ(outcome(1).reply->integer, 1);
  EXPECT_EQ(outcome(2, 0).reply->integer, 2);
  EXPECT_EQ(outcome(2, 1).reply->integer, 3);
}

TEST_F(pipeline_test, owes_no_reply_when_nothing_was_sent) {
  line.opened(moment(0ms));
  EXPECT_EQ(line.reply_memory(), nullptr);
}

TEST_F(pipeline_test, lets_batches_beyond_the_window_wait_in_order) {
  line.opened(moment(0ms));
  get({"a", "b", "c"});
  get({"d", "e"});
  get({"f"});
  EXPECT_EQ(written(), 3u);
  EXPECT_FALSE(line.has_room(1));
  answer(1);
  EXPECT_EQ(written(), 2u);
  answer(2);
  EXPECT_EQ(written(), 1u);
  EXPECT_EQ(line.in_flight(), 4u);
}

TEST_F(pipeline_test, sends_a_batch_larger_than_the_window_alone) {
  line.opened(moment(0ms));
  get({"a"});
  get({"1", "2", "3", "4", "5", "6"});
  EXPECT_EQ(written(), 1u);
  answer(1);
  EXPECT_EQ(written(), 6u);
  get({"b"});
  EXPECT_EQ(written(), 0u);
}

TEST_F(pipeline_test, settles_refused_commands_without_sending_them) {
  line.opened(moment(0ms));
  command_list commands = {{"GET", "a"}, {"MULTI"}, {"GET", "b"}};
  add(commands);
  EXPECT_EQ(written(), 2u);
  answer(1);
  answer(2);
  hand_out();
  EXPECT_EQ(outcome(1, 1).kind, SCANHOST_OUTCOME_REFUSED);
  EXPECT_GT(outcome(1, 1).message.size, 0u);
  EXPECT_EQ(outcome(1, 2).reply->integer, 2);
}

TEST_F(pipeline_test, ends_a_batch_of_refused_commands_without_a_connection) {
  command_list commands = {{"MULTI"}, {"EXEC"}};
  add(commands);
  EXPECT_TRUE(order.empty());
  hand_out();
  EXPECT_EQ(outcome(1, 1).kind, SCANHOST_OUTCOME_REFUSED);
  EXPECT_TRUE(line.idle());
}

TEST_F(pipeline_test, walks_commands_with_the_given_stride) {
  struct wider {
    scanhost_command command;
    char later_field[24];
  };
  const auto name = string_of("PING");
  std::vector<wider> commands(2);
  for (auto& each : commands) each.command = {sizeof(wider), 0, &name, 1, {}, {}, 0, nullptr, 0, 0};
  line.opened(moment(0ms));
  line.add(
      &commands[0].command, 2, sizeof(wider), [](auto) {}, moment(0ms));
  EXPECT_EQ(line.take_output(), "*1\r\n$4\r\nPING\r\n*1\r\n$4\r\nPING\r\n");
}

TEST_F(pipeline_test, keeps_batches_until_there_is_a_connection) {
  get({"a"});
  get({"b"});
  EXPECT_FALSE(line.has_output());
  line.opened(moment(100ms));
  EXPECT_EQ(written(), 2u);
}

TEST_F(pipeline_test, gives_up_waiting_for_a_connection_after_the_connect_timeout) {
  get({"a"}, moment(0ms));
  get({"b"}, moment(500ms));
  EXPECT_EQ(line.deadline(), moment(2000ms));
  EXPECT_FALSE(line.expire(moment(1999ms), "why"));
  EXPECT_FALSE(line.has_finished());
  EXPECT_FALSE(line.expire(moment(2000ms), "why"));
  hand_out();
  EXPECT_EQ(order, std::vector{1});
  EXPECT_EQ(outcome(1).kind, SCANHOST_OUTCOME_TRANSIENT);
  EXPECT_EQ(text_of(outcome(1).message), "why");
  EXPECT_EQ(line.deadline(), moment(2500ms));
}

TEST_F(pipeline_test, ends_everything_that_was_sent_when_the_connection_is_lost) {
  line.opened(moment(0ms));
  get({"a", "b"});
  answer(1);
  line.closed("gone", moment(10ms));
  hand_out();
  EXPECT_EQ(outcome(1, 0).reply->integer, 1);
  EXPECT_EQ(outcome(1, 1).kind, SCANHOST_OUTCOME_TRANSIENT);
  EXPECT_EQ(text_of(outcome(1, 1).message), "gone");
  EXPECT_EQ(line.in_flight(), 0u);
  line.opened(moment(20ms));
  EXPECT_FALSE(line.has_output()) << "no command is sent twice";
}

TEST_F(pipeline_test, sends_what_had_not_left_over_the_next_connection) {
  line.opened(moment(0ms));
  get({"1", "2", "3", "4"});
  get({"later"});
  written();
  line.closed("gone", moment(1000ms));
  EXPECT_EQ(line.deadline(), moment(3000ms)) << "its wait for a connection begins now";
  line.opened(moment(1100ms));
  EXPECT_EQ(written(), 1u);
  answer(9);
  hand_out();
  EXPECT_EQ(outcome(2).reply->integer, 9);
}

TEST_F(pipeline_test, gives_a_reply_that_cannot_be_read_to_its_command_alone) {
  line.opened(moment(0ms));
  get({"a", "b", "c"});
  answer(1);
  line.garbled("not RESP");
  line.closed("gone", moment(0ms));
  hand_out();
  EXPECT_EQ(outcome(1, 0).kind, SCANHOST_OUTCOME_REPLY);
  EXPECT_EQ(outcome(1, 1).kind, SCANHOST_OUTCOME_PERMANENT);
  EXPECT_EQ(outcome(1, 2).kind, SCANHOST_OUTCOME_TRANSIENT);
}

TEST_F(pipeline_test, ends_waiting_batches_at_once_when_no_connection_can_be) {
  get({"a"});
  line.fail_waiting(SCANHOST_OUTCOME_PERMANENT, "WRONGPASS");
  hand_out();
  EXPECT_EQ(outcome(1).kind, SCANHOST_OUTCOME_PERMANENT);
  EXPECT_TRUE(line.idle());
  EXPECT_TRUE(line.has_room(4));
}

TEST_F(pipeline_test, notices_a_server_that_is_silent_while_it_owes_a_reply) {
  line.opened(moment(0ms));
  EXPECT_EQ(line.deadline(), std::nullopt);
  get({"a", "b"}, moment(1000ms));
  EXPECT_EQ(line.deadline(), moment(6000ms));
  answer(1, moment(3000ms));
  EXPECT_FALSE(line.expire(moment(6000ms), ""));
  EXPECT_EQ(line.deadline(), moment(8000ms));
  EXPECT_TRUE(line.expire(moment(8000ms), ""));
}

// The connection does not read the clock for them.
TEST_F(pipeline_test, knows_since_when_the_server_is_silent) {
  line.opened(moment(0ms));
  EXPECT_EQ(line.silent_since(), std::nullopt);
  get({"a", "b"}, moment(100ms));
  EXPECT_EQ(line.silent_since(), moment(100ms));
  answer(1, moment(300ms));
  EXPECT_EQ(line.silent_since(), moment(300ms));
  answer(2, moment(400ms));
  EXPECT_EQ(line.silent_since(), std::nullopt);
}

TEST_F(pipeline_test, waits_for_a_batch_behind_others_from_the_reply_to_them) {
  line.opened(moment(0ms));
  get({"a"}, moment(100ms));
  get({"b"}, base::steady_time{});
  EXPECT_EQ(line.deadline(), moment(5100ms));
  answer(1, moment(700ms));
  EXPECT_EQ(line.deadline(), moment(5700ms));
}

TEST_F(pipeline_test, cancels_a_batch_that_waits_without_sending_it) {
  const auto first = get({"a"});
  get({"b"});
  line.cancel(first, moment(0ms));
  hand_out();
  EXPECT_EQ(outcome(1).kind, SCANHOST_OUTCOME_CANCELLED);
  line.opened(moment(0ms));
  EXPECT_EQ(written(), 1u);
}

TEST_F(pipeline_test, drops_the_late_replies_of_a_cancelled_batch) {
  line.opened(moment(0ms));
  const auto first = get({"a", "b"});
  get({"c"});
  answer(1);
  line.cancel(first, moment(0ms));
  hand_out();
  EXPECT_EQ(outcome(1, 0).reply->integer, 1);
  EXPECT_EQ(outcome(1, 1).kind, SCANHOST_OUTCOME_CANCELLED);
  answer(2);
  answer(3);
  hand_out();
  EXPECT_EQ(outcome(1, 1).reply, nullptr);
  EXPECT_EQ(outcome(2).reply->integer, 3);
  EXPECT_EQ(order, (std::vector{1, 2}));
}

TEST_F(pipeline_test, keeps_the_memory_of_a_cancelled_batch_while_its_replies_are_due) {
  line.opened(moment(0ms));
  const auto first = get({"a"});
  auto* memory = line.reply_memory();
  line.cancel(first, moment(0ms));
  hand_out();
  ended.clear();
  EXPECT_EQ(line.reply_memory(), memory);
  answer(1);  // would write into that memory, which a sanitizer reports
}

TEST_F(pipeline_test, cancels_once) {
  line.opened(moment(0ms));
  const auto first = get({"a"});
  line.cancel(first, moment(0ms));
  line.cancel(first, moment(0ms));
  line.cancel(first + 100, moment(0ms));
  hand_out();
  line.closed("gone", moment(0ms));
  hand_out();
  EXPECT_EQ(order, std::vector{1});
}

TEST_F(pipeline_test, a_cancelled_wait_makes_room_for_those_behind) {
  line.opened(moment(0ms));
  get({"a", "b", "c"});
  const auto large = get({"1", "2", "3"});
  get({"d"});
  EXPECT_EQ(written(), 3u);
  line.cancel(large, moment(0ms));
  EXPECT_EQ(written(), 1u);
}

TEST_F(pipeline_test, counts_waiting_commands_as_taken_room) {
  EXPECT_TRUE(line.has_room(100)) << "a batch larger than the window goes alone";
  get({"a", "b", "c"});
  EXPECT_TRUE(line.has_room(1));
  EXPECT_FALSE(line.has_room(2));
}

// --- scripts

class scripts_test : public pipeline_test {
 protected:
  // Adds commands that run `script` on these keys, and GETs where a key begins with "get:", as one batch.
  ticket run(const std::vector<std::string>& keys) {
    std::vector<std::vector<scanhost_string>> args;
    for (const auto& key : keys)
      args.push_back(key.starts_with("get:") ? std::vector{string_of("GET"), string_of(key)}
                                             : std::vector{string_of("1"), string_of(key)});
    std::vector<scanhost_command> commands(keys.size());
    for (std::size_t i = 0; i < keys.size(); ++i) {
      commands[i].struct_size = sizeof(scanhost_command);
      commands[i].args = args[i].data();
      commands[i].arg_count = args[i].size();
      if (!keys[i].starts_with("get:")) commands[i].script = script.get();
    }
    return line.add(
        commands.data(), commands.size(), sizeof(scanhost_command),
        [this](std::unique_ptr<reply_batch> batch) { done.push_back(std::move(batch)); }, moment(0ms));
  }

  void answer_lost() {
    auto* memory = line.reply_memory();
    ASSERT_NE(memory, nullptr);
    auto* reply = ::new (memory->allocate(sizeof(scanhost_reply), alignof(scanhost_reply)))
        scanhost_reply(reply_with(SCANHOST_REPLY_ERROR, "NOSCRIPT No matching script."));
    line.answered(*reply, moment(0ms));
  }

  std::size_t count(std::string_view bytes, std::string_view word) {
    std::size_t found = 0;
    for (auto at = bytes.find(word); at != std::string_view::npos; at = bytes.find(word, at + 1)) ++found;
    return found;
  }
  const scanhost_outcome& outcome(std::size_t index) { return done.at(0)->raw()->outcomes[index]; }

  const std::unique_ptr<scanhost_script> script = make_script("return redis.call('INCR', KEYS[1])");
  std::vector<std::unique_ptr<reply_batch>> done;
};

TEST_F(scripts_test, are_named_by_the_sha1_of_their_source) {
  EXPECT_EQ(make_script("return 1")->sha1, "e0e1f9fabfc9d4800c877a703b823ac0578ff8db");
}

TEST_F(scripts_test, send_their_source_once_on_a_connection) {
  line.opened(moment(0ms));
  run({"a", "b"});
  run({"c"});
  const auto bytes = line.take_output();
  EXPECT_EQ(count(bytes, "EVAL\r\n"), 1u);
  EXPECT_EQ(count(bytes, "EVALSHA\r\n"), 2u);
  EXPECT_LT(bytes.find("EVAL\r\n"), bytes.find("EVALSHA\r\n"));
}

TEST_F(scripts_test, send_their_source_again_on_the_next_connection) {
  line.opened(moment(0ms));
  run({"a"});
  line.take_output();
  line.closed("gone", moment(0ms));
  run({"b"});
  line.opened(moment(0ms));
  EXPECT_EQ(count(line.take_output(), "EVAL\r\n"), 1u);
}

TEST_F(scripts_test, are_sent_again_in_order_where_the_server_has_lost_them) {
  line.opened(moment(0ms));
  run({"get:x", "a", "b"});
  line.take_output();
  answer(1);
  answer_lost();
  answer_lost();
  const auto again = line.take_output();
  EXPECT_EQ(count(again, "EVAL\r\n"), 2u);
  EXPECT_LT(again.find("\r\na\r\n"), again.find("\r\nb\r\n"));
  answer(2);
  answer(3);
  hand_out();
  ASSERT_EQ(done.size(), 1u);
  EXPECT_EQ(outcome(0).reply->integer, 1);
  EXPECT_EQ(outcome(1).reply->integer, 2);
  EXPECT_EQ(outcome(2).reply->integer, 3);
}

TEST_F(scripts_test, end_as_transient_where_a_later_command_was_carried_out_already) {
  line.opened(moment(0ms));
  run({"a", "get:x"});
  answer_lost();
  answer(7);
  hand_out();
  ASSERT_EQ(done.size(), 1u);
  EXPECT_EQ(outcome(0).kind, SCANHOST_OUTCOME_TRANSIENT);
  EXPECT_EQ(outcome(1).reply->integer, 7);
}

TEST_F(scripts_test, are_sent_a_second_time_and_no_third) {
  line.opened(moment(0ms));
  run({"a"});
  answer_lost();
  answer_lost();
  hand_out();
  ASSERT_EQ(done.size(), 1u);
  EXPECT_EQ(outcome(0).kind, SCANHOST_OUTCOME_TRANSIENT);
}

TEST_F(scripts_test, of_a_batch_that_was_sent_again_can_be_cancelled) {
  line.opened(moment(0ms));
  const auto first = run({"a"});
  run({"b"});
  answer_lost();
  line.cancel(first, moment(0ms));
  answer(1);
  answer(2);
  hand_out();
  ASSERT_EQ(done.size(), 2u);
  EXPECT_TRUE(line.idle());
}

TEST_F(pipeline_test, sends_a_new_login_alone_when_no_reply_is_owed_and_the_rest_behind_its_reply) {
  line.opened(moment(0ms));
  get({"a"});
  bool logged_in = false;
  const auto note = [&](std::unique_ptr<reply_batch> batch) {
    logged_in = batch->raw()->outcomes[0].kind == SCANHOST_OUTCOME_REPLY;
  };
  line.add_login({"AUTH", "u", "p"}, note, moment(0ms));
  get({"b"});
  EXPECT_EQ(written(), 1u);  // of a
  answer(1);
  EXPECT_EQ(line.take_output(), "*3\r\n$4\r\nAUTH\r\n$1\r\nu\r\n$1\r\np\r\n");
  get({"c"});
  EXPECT_EQ(written(), 0u);
  answer(2);
  EXPECT_EQ(written(), 2u);  // of b and c
  answer(3);
  answer(4);
  hand_out();
  EXPECT_TRUE(logged_in);
  EXPECT_EQ(outcome(1).reply->integer, 1);
  EXPECT_EQ(outcome(2).reply->integer, 3);
  EXPECT_EQ(outcome(3).reply->integer, 4);
}

TEST_F(pipeline_test, goes_on_after_a_login_that_was_lost_with_its_connection) {
  line.opened(moment(0ms));
  line.add_login(
      {"AUTH", "u", "p"}, [](auto) {}, moment(0ms));
  line.closed("lost", moment(1ms));
  line.take_output();
  line.opened(moment(2ms));
  get({"a"});
  get({"b"});
  EXPECT_EQ(written(), 2u);
}

}  // namespace
}  // namespace scanhost::store
