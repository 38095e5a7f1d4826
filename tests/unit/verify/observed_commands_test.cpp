// SPDX-License-Identifier: Apache-2.0
//
// What a server's access rules would have to allow for a command.
#include "verify/observed_commands.hpp"

#include <gtest/gtest.h>

namespace scanhost::verify {
namespace {

using names = std::set<std::string>;

observed_commands of(std::vector<std::string> words) {
  testing::call sent;
  sent.args = std::move(words);
  return observe(sent);
}

TEST(observed_commands, have_the_name_and_the_pattern_of_the_key) {
  const auto seen = of({"hget", "cart:{shard:3}:42", "state"});
  EXPECT_EQ(seen.names, names{"HGET"});
  EXPECT_EQ(seen.keys, names{"cart:*"});
  EXPECT_FALSE(seen.writes);
  EXPECT_TRUE(of({"HSET", "cart:1", "state", "x"}).writes);
}

TEST(observed_commands, have_the_sub_command) {
  EXPECT_EQ(of({"XGROUP", "create", "s:1", "g", "0"}).names, names{"XGROUP CREATE"});
}

TEST(observed_commands, have_what_a_script_runs) {
  const auto seen = of({"EVAL", "return redis.call('ZREM', KEYS[1], ARGV[1])", "1", "cart:1", "x"});
  EXPECT_EQ(seen.names, names{"EVAL"});
  EXPECT_EQ(seen.in_scripts, names{"ZREM"});
  EXPECT_EQ(seen.keys, names{"cart:*"});
}

TEST(observed_commands, have_the_keys_that_a_walk_over_the_keyspace_looks_for) {
  EXPECT_EQ(of({"SCAN", "0", "MATCH", "cart:*:x"}).keys, names{"cart:*"});
  EXPECT_EQ(of({"SCAN", "0", "MATCH", "session*"}).keys, names{"session*"});
  EXPECT_EQ(of({"SCAN", "0", "MATCH", "*"}).keys, names{});
  EXPECT_EQ(of({"KEYS", "one"}).keys, names{"one"});
}

TEST(observed_commands, say_whose_keys_are_not_known) {
  EXPECT_EQ(of({"GEOADD", "places", "1", "2", "x"}).unknown, names{"GEOADD"});
}

TEST(may_write, tells_by_the_name_alone) {
  EXPECT_TRUE(may_write("HSET"));
  EXPECT_TRUE(may_write("GEOADD"));
  EXPECT_FALSE(may_write("HGET"));
}

TEST(key_pattern, ends_at_the_first_colon_or_digit) {
  EXPECT_EQ(key_pattern("ff:exec:{fp:0}:x"), "ff:*");
  EXPECT_EQ(key_pattern("{shard:3}:x"), "{shard:*");
  EXPECT_EQ(key_pattern("{0}"), "{*");
  EXPECT_EQ(key_pattern("session42"), "session*");
  EXPECT_EQ(key_pattern("counter"), "counter");
}

TEST(key_pattern, escapes_what_a_pattern_would_take_for_its_own) {
  EXPECT_EQ(key_pattern("a*b?c:1"), "a\\*b\\?c:*");
  EXPECT_EQ(key_pattern("a b:1"), "a?b:*");
}

TEST(commands_named_in_a_file, are_words_at_the_end_of_a_text_and_the_ends_of_such_words) {
  const std::string_view file{"\0HMGET\0xHGET\0ZSCORE \0SMEMBERS\0FLUSHALL\0SCAN\0NOSUCH\0", 51};
  EXPECT_EQ(commands_named_in(file), (names{"GET", "HGET", "HMGET", "MGET", "SMEMBERS"}));
}

}  // namespace
}  // namespace scanhost::verify
