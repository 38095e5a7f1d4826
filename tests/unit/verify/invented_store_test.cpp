// SPDX-License-Identifier: Apache-2.0
//
// The store of the checks holds what a plugin asks for, and keeps what becomes of it.
#include "verify/invented_store.hpp"

#include <gtest/gtest.h>

#include "verify/odd_replies.hpp"

namespace scanhost::verify {
namespace {

const store_commands nothing_given;

testing::call asked(std::vector<std::string> args, std::string item = {}) {
  testing::call call;
  call.args = std::move(args);
  call.tag = "{shard:1}";
  call.item = std::move(item);
  return call;
}

struct full_store : invented_store {
  full_store() : invented_store(holds::whatever_is_asked_for, nothing_given, 12) {
    set_now(timestamp(milliseconds(1'700'000'000'000)));
  }
  testing::value reply(std::vector<std::string> args, std::string item = {}) {
    return ask(asked(std::move(args), std::move(item))).reply;
  }
};

TEST(invented_store, gives_an_index_entries_that_are_due_and_one_that_is_not) {
  full_store store;
  EXPECT_EQ(store.reply({"ZRANGEBYSCORE", "due", "-inf", "1700000000000"}).elements.size(), 12U);
  EXPECT_EQ(store.reply({"ZCARD", "due"}).number, 13);
}

TEST(invented_store, honours_limit_and_count) {
  full_store store;
  EXPECT_EQ(store.reply({"ZRANGEBYSCORE", "due", "-inf", "+inf", "LIMIT", "1", "5"}).elements.size(), 5U);
  EXPECT_EQ(store.reply({"SSCAN", "set", "0", "COUNT", "5"}).elements[1].elements.size(), 5U);
}

TEST(invented_store, removes_the_item_of_an_acting_script_from_its_index) {
  full_store store;
  const auto page = store.reply({"ZRANGEBYSCORE", "due", "-inf", "+inf", "LIMIT", "0", "1"});
  const auto id = page.elements.front().text;
  EXPECT_EQ(store.reply({"EVAL", "return 1", "1", "due", id}, id).number, 1);
  EXPECT_EQ(store.reply({"ZCARD", "due"}).number, 12);
}

TEST(invented_store, has_the_fields_and_members_that_are_asked_for_until_they_are_removed) {
  full_store store;
  EXPECT_EQ(store.reply({"HMGET", "record", "a", "b"}).elements[1].text, "1");
  EXPECT_EQ(store.reply({"ZSCORE", "index", "some one"}).text, "1000000");
  store.reply({"HDEL", "record", "a"});
  EXPECT_EQ(store.reply({"HGET", "record", "a"}).kind, SCANHOST_REPLY_NIL);
}

TEST(invented_store, finds_keys_for_a_pattern) {
  full_store store;
  const auto keys = store.reply({"SCAN", "0", "MATCH", "session:*", "COUNT", "100"}).elements[1];
  ASSERT_EQ(keys.elements.size(), 12U);
  EXPECT_TRUE(keys.elements.front().text.starts_with("session:"));
  EXPECT_EQ(store.reply({"PTTL", keys.elements.front().text}).number, -1);
}

TEST(invented_store, has_entries_that_a_consumer_let_lie) {
  full_store store;
  const auto claimed = store.reply({"XAUTOCLAIM", "stream", "workers", "me", "60000", "0", "COUNT", "4"});
  ASSERT_EQ(claimed.elements.size(), 3U);
  EXPECT_EQ(claimed.elements[1].elements.size(), 4U);
  EXPECT_NE(claimed.elements[0].text, "0-0");
  EXPECT_EQ(store.reply({"XINFO", "GROUPS", "stream"}).elements.size(), 2U);  // `group` is invented for it
}

TEST(invented_store, is_as_at_first_when_it_is_refilled) {
  full_store store;
  store.reply({"ZREMRANGEBYSCORE", "due", "-inf", "+inf"});
  EXPECT_EQ(store.reply({"ZCARD", "due"}).number, 0);
  store.refill();
  EXPECT_EQ(store.reply({"ZCARD", "due"}).number, 13);
}

TEST(invented_store, holds_what_was_given_and_nothing_else) {
  const store_commands given{{"ZADD", "due", "5", "mine"}};
  invented_store store(invented_store::holds::given, given, 12);
  EXPECT_EQ(store.ask(asked({"ZRANGE", "due", "0", "-1"})).reply.elements.size(), 1U);
  EXPECT_EQ(store.ask(asked({"ZCARD", "other"})).reply.number, 0);
}

TEST(invented_store, may_hold_nothing) {
  invented_store store(invented_store::holds::nothing, nothing_given, 12);
  EXPECT_TRUE(store.ask(asked({"ZRANGE", "due", "0", "-1"})).reply.elements.empty());
  EXPECT_EQ(store.ask(asked({"HGET", "record", "a"})).reply.kind, SCANHOST_REPLY_NIL);
}

TEST(odd_replies, come_in_turn_for_each_command) {
  const auto odd = odd_replies();
  const auto first = odd(asked({"GET", "k"})), second = odd(asked({"GET", "k"}));
  EXPECT_NE(first.reply.kind, second.reply.kind);
  EXPECT_EQ(odd(asked({"HGET", "k", "f"})).reply.kind, first.reply.kind);
}

}  // namespace
}  // namespace scanhost::verify
