// SPDX-License-Identifier: Apache-2.0
//
// The store with data of the test kit answers as a server does.
#include <gtest/gtest.h>

#include <scanhost/testing/memory_store.hpp>
#include <set>
#include <string>
#include <vector>

namespace {

using namespace scanhost;
using namespace scanhost::testing;

std::vector<std::string> texts(const value& reply) {
  std::vector<std::string> found;
  for (const auto& element : reply.elements) found.push_back(element.text);
  return found;
}
using words = std::vector<std::string>;

struct memory_store_test : ::testing::Test {
  memory_store store;

  // All elements that a cursor offers, with how many pages it took.
  std::pair<std::multiset<std::string>, int> walk(const std::string& name, const std::string& key,
                                                  int count) {
    std::multiset<std::string> offered;
    std::string cursor = "0";
    int pages = 0;
    do {
      const auto page = key.empty() ? store.run(name, cursor, "COUNT", count)
                                    : store.run(name, key, cursor, "COUNT", count);
      cursor = page.elements.at(0).text;
      for (const auto& element : page.elements.at(1).elements) offered.insert(element.text);
      ++pages;
    } while (cursor != "0");
    return {offered, pages};
  }
  value acts(words args, std::string item) {
    call asked;
    asked.args = std::move(args);
    asked.item = std::move(item);
    asked.flags = SCANHOST_COMMAND_ACTS;
    return store.ask(asked).reply;
  }
};

TEST_F(memory_store_test, keeps_sorted_sets_in_order) {
  EXPECT_EQ(store.run("ZADD", "z", 3, "c", 1, "a", "2.5", "b").number, 3);
  EXPECT_EQ(store.run("ZADD", "z", 4, "a").number, 0);
  EXPECT_EQ(texts(store.run("ZRANGE", "z", 0, -1, "WITHSCORES")), (words{"b", "2.5", "c", "3", "a", "4"}));
  EXPECT_EQ(texts(store.run("ZREVRANGE", "z", 0, 0)), (words{"a"}));
  EXPECT_EQ(store.run("ZSCORE", "z", "b").text, "2.5");
  EXPECT_EQ(store.run("ZINCRBY", "z", 1, "b").text, "3.5");
  EXPECT_EQ(texts(store.run("ZPOPMIN", "z")), (words{"c", "3"}));
}

TEST_F(memory_store_test, honours_bounds_and_limits_of_scores) {
  store.run("ZADD", "z", 1, "a", 2, "b", 3, "c", 4, "d");
  EXPECT_EQ(texts(store.run("ZRANGEBYSCORE", "z", "(1", 4, "LIMIT", 1, 2)), (words{"c", "d"}));
  EXPECT_EQ(texts(store.run("ZREVRANGEBYSCORE", "z", "+inf", "-inf", "LIMIT", 0, 1)), (words{"d"}));
  EXPECT_EQ(texts(store.run("ZRANGE", "z", 2, 3, "BYSCORE")), (words{"b", "c"}));
  EXPECT_EQ(store.run("ZCOUNT", "z", "-inf", "(3").number, 2);
  EXPECT_EQ(store.run("ZREMRANGEBYSCORE", "z", "-inf", 2).number, 2);
  EXPECT_EQ(store.run("ZRANGEBYSCORE", "z", "soon", 2).kind, SCANHOST_REPLY_ERROR);
}

TEST_F(memory_store_test, changes_members_of_sorted_sets_only_as_the_flags_say) {
  store.run("ZADD", "z", 1, "a");
  EXPECT_EQ(store.run("ZADD", "z", "NX", 5, "a", 5, "b").number, 1);
  EXPECT_EQ(store.run("ZADD", "z", "XX", "CH", 7, "a", 7, "c").number, 1);
  EXPECT_EQ(texts(store.run("ZRANGE", "z", 0, -1)), (words{"b", "a"}));
}

TEST_F(memory_store_test, walks_a_set_in_pages_of_count) {
  for (int i = 0; i < 25; ++i) store.run("SADD", "s", "member-" + std::to_string(i));
  const auto [offered, pages] = walk("SSCAN", "s", 5);
  EXPECT_EQ(offered.size(), 25U);
  EXPECT_EQ(std::set<std::string>(offered.begin(), offered.end()).size(), 25U);
  EXPECT_EQ(pages, 5);
}

TEST_F(memory_store_test, offers_what_stays_through_a_walk_while_other_members_go) {
  for (int i = 0; i < 40; ++i) store.run("SADD", "s", "member-" + std::to_string(i));
  std::set<std::string> offered;
  std::string cursor = "0";
  int next_to_go = 0;
  do {
    const auto page = store.run("SSCAN", "s", cursor, "COUNT", 5);
    cursor = page.elements[0].text;
    for (const auto& element : page.elements[1].elements) offered.insert(element.text);
    store.run("SREM", "s", "member-" + std::to_string(next_to_go++));
  } while (cursor != "0");
  for (int i = next_to_go; i < 40; ++i) EXPECT_EQ(offered.count("member-" + std::to_string(i)), 1U) << i;
}

TEST_F(memory_store_test, offers_small_collections_whole_where_it_is_told_to) {
  for (int i = 0; i < 25; ++i) store.run("SADD", "s", i);
  store.offer_small_collections_whole(true);
  EXPECT_EQ(walk("SSCAN", "s", 5).second, 1);
}

TEST_F(memory_store_test, walks_the_keys_by_pattern_and_type) {
  store.run("SET", "session:1", "x");
  store.run("SADD", "session:2", "x");
  store.run("SET", "other", "x");
  EXPECT_EQ(walk("SCAN", "", 1).first.size(), 3U);
  const auto found = store.run("SCAN", 0, "MATCH", "session:*", "TYPE", "set", "COUNT", 100);
  EXPECT_EQ(texts(found.elements[1]), (words{"session:2"}));
}

TEST(patterns_of_a_memory_store, are_those_of_a_server) {
  EXPECT_TRUE(stored::matches("a*c", "abbc"));
  EXPECT_FALSE(stored::matches("a*c", "abbd"));
  EXPECT_TRUE(stored::matches("h[a-c]llo?", "hbllox"));
  EXPECT_FALSE(stored::matches("h[^a-c]llo", "hbllo"));
  EXPECT_TRUE(stored::matches("\\*", "*"));
  EXPECT_FALSE(stored::matches("\\*", "x"));
}

TEST_F(memory_store_test, keeps_hashes) {
  EXPECT_EQ(store.run("HSET", "h", "a", 1, "b", 2).number, 2);
  EXPECT_EQ(store.run("HSET", "h", "a", 5).number, 0);
  EXPECT_EQ(store.run("HGET", "h", "a").text, "5");
  EXPECT_EQ(store.run("HMGET", "h", "a", "none").elements[1].kind, SCANHOST_REPLY_NIL);
  EXPECT_EQ(texts(store.run("HGETALL", "h")), (words{"a", "5", "b", "2"}));
  EXPECT_EQ(store.run("HINCRBY", "h", "b", 3).number, 5);
  EXPECT_EQ(store.run("HDEL", "h", "a", "b").number, 2);
  EXPECT_EQ(store.run("EXISTS", "h").number, 0);  // the last field took the key with it
}

TEST_F(memory_store_test, keeps_lists) {
  store.run("RPUSH", "l", "a", "b", "a", "c");
  store.run("LPUSH", "l", "first");
  EXPECT_EQ(texts(store.run("LRANGE", "l", 0, -1)), (words{"first", "a", "b", "a", "c"}));
  EXPECT_EQ(store.run("LREM", "l", -1, "a").number, 1);
  EXPECT_EQ(texts(store.run("LRANGE", "l", 1, 2)), (words{"a", "b"}));
  EXPECT_EQ(store.run("LINDEX", "l", -1).text, "c");
  store.run("LTRIM", "l", 1, 1);
  EXPECT_EQ(store.run("LPOP", "l").text, "a");
  EXPECT_EQ(store.run("LPOP", "l").kind, SCANHOST_REPLY_NIL);
}

TEST_F(memory_store_test, forgets_what_has_expired) {
  store.set_now(timestamp(milliseconds(1000)));
  store.run("SET", "k", "x", "PX", 500);
  EXPECT_EQ(store.run("PTTL", "k").number, 500);
  store.set_now(timestamp(milliseconds(1500)));
  EXPECT_EQ(store.run("GET", "k").kind, SCANHOST_REPLY_NIL);
  EXPECT_EQ(store.run("PTTL", "k").number, -2);
}

TEST_F(memory_store_test, refuses_what_a_server_refuses) {
  store.run("SET", "k", "x");
  EXPECT_TRUE(store.run("ZRANGE", "k", 0, -1).text.starts_with("WRONGTYPE"));
  EXPECT_TRUE(store.run("ZADD", "k").text.starts_with("ERR wrong number"));
  EXPECT_TRUE(store.run("GEOADD", "k").text.starts_with("ERR unknown command"));
  EXPECT_EQ(store.run("SET", "k", "y", "NX").kind, SCANHOST_REPLY_NIL);
}

struct memory_store_stream_test : memory_store_test {
  memory_store_stream_test() {
    store.set_now(timestamp(milliseconds(10'000)));
    for (int i = 1; i <= 5; ++i) store.run("XADD", "x", std::to_string(i) + "-0", "n", i);
    store.run("XGROUP", "CREATE", "x", "g", 0);
    store.run("XREADGROUP", "GROUP", "g", "lost", "COUNT", 4, "STREAMS", "x", ">");
  }
};

TEST_F(memory_store_stream_test, ranges_and_trims_by_id) {
  EXPECT_EQ(store.run("XRANGE", "x", "(2-0", "+", "COUNT", 2).elements.size(), 2U);
  EXPECT_EQ(store.run("XREVRANGE", "x", "+", "-", "COUNT", 1).elements[0].elements[0].text, "5-0");
  EXPECT_EQ(store.run("XTRIM", "x", "MINID", "~", "3", "LIMIT", 1).number, 1);
  EXPECT_EQ(store.run("XTRIM", "x", "MINID", "3").number, 1);
  EXPECT_EQ(store.run("XLEN", "x").number, 3);
  EXPECT_EQ(store.run("XADD", "x", "1-0", "n", 1).kind, SCANHOST_REPLY_ERROR);
}

TEST_F(memory_store_stream_test, says_what_a_group_has_and_has_not_been_given) {
  const auto group = store.run("XINFO", "GROUPS", "x").elements.at(0);
  EXPECT_EQ(group.elements[5].number, 4);   // pending
  EXPECT_EQ(group.elements[11].number, 1);  // lag
  EXPECT_EQ(store.run("XPENDING", "x", "g").elements[0].number, 4);
}

TEST_F(memory_store_stream_test, claims_what_was_let_lie_page_by_page) {
  store.set_now(timestamp(milliseconds(20'000)));
  auto page = store.run("XAUTOCLAIM", "x", "g", "me", 5'000, 0, "COUNT", 3, "JUSTID");
  EXPECT_EQ(page.elements[0].text, "4-0");
  EXPECT_EQ(page.elements[1].elements.size(), 3U);
  page = store.run("XAUTOCLAIM", "x", "g", "me", 5'000, page.elements[0].text, "COUNT", 3);
  EXPECT_EQ(page.elements[0].text, "0-0");
  EXPECT_EQ(page.elements[1].elements.size(), 1U);
  EXPECT_EQ(store.run("XPENDING", "x", "g", "IDLE", 5'000, "-", "+", 10).elements.size(), 0U);
  EXPECT_EQ(store.run("XPENDING", "x", "g", "-", "+", 10, "me").elements.size(), 4U);
}

TEST_F(memory_store_stream_test, forgets_what_was_acknowledged_and_says_what_is_gone) {
  EXPECT_EQ(store.run("XACK", "x", "g", "1-0").number, 1);
  store.run("XDEL", "x", "2-0");
  const auto page = store.run("XAUTOCLAIM", "x", "g", "me", 0, 0);
  EXPECT_EQ(page.elements[1].elements.size(), 2U);
  EXPECT_EQ(texts(page.elements[2]), (words{"2-0"}));
}

TEST_F(memory_store_test, lets_an_acting_script_remove_its_item_from_where_it_was_read) {
  store.run("ZADD", "due", 1, "a", 2, "b");
  store.run("ZRANGE", "due", 0, -1);
  EXPECT_EQ(acts({"FCALL", "finish", "1", "item:a"}, "a").number, 1);
  EXPECT_EQ(texts(store.run("ZRANGE", "due", 0, -1)), (words{"b"}));
  EXPECT_EQ(acts({"FCALL", "finish", "1", "item:a"}, "a").number, 0);
}

TEST_F(memory_store_test, carries_out_what_was_decided_for_a_call) {
  store.run("ZADD", "due", 1, "a", 2, "b");
  store.decide([](const call& asked) { return asked.item == "a" ? effect::fails : effect::keeps_item; });
  EXPECT_EQ(acts({"ZREM", "due", "a"}, "a").kind, SCANHOST_REPLY_ERROR);
  EXPECT_EQ(acts({"EVAL", "return 1", "1", "due", "b"}, "b").number, 0);
  EXPECT_EQ(store.run("ZCARD", "due").number, 2);
}

TEST_F(memory_store_test, knows_which_commands_change_data) {
  const auto changes = [](words args) {
    call asked;
    asked.args = std::move(args);
    return memory_store::changes(asked);
  };
  EXPECT_TRUE(changes({"zrem", "k", "a"}));
  EXPECT_TRUE(changes({"EVAL", "...", "1", "k"}));
  EXPECT_FALSE(changes({"EVAL_RO", "...", "1", "k"}));
  EXPECT_FALSE(changes({"FCALL", "version", "0"}));
  EXPECT_FALSE(changes({"ZRANGE", "k", "0", "-1"}));
}

}  // namespace
