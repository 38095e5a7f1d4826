// SPDX-License-Identifier: Apache-2.0
//
// Where commands have their first keys.
#include "store/cluster/key_positions.hpp"

#include <gtest/gtest.h>

#include <optional>

#include "store/protocol/script.hpp"
#include "support/commands.hpp"
#include "unit/store/replies.hpp"

namespace scanhost::store {
namespace {

reply_tree empty_list() { return reply_tree(std::initializer_list<reply_tree>{}); }

reply_tree described(const char* name, reply_tree specifications, reply_tree subcommands = empty_list()) {
  return {name,
          1,
          empty_list(),
          0,
          0,
          0,
          empty_list(),
          empty_list(),
          std::move(specifications),
          std::move(subcommands)};
}

reply_tree by_index(int index) { return {"type", "index", "spec", reply_tree{"index", index}}; }

reply_tree range() { return {"type", "range", "spec", reply_tree{"lastkey", 0, "keystep", 1, "limit", 0}}; }

reply_tree specification(reply_tree begin, reply_tree find) {
  return {"flags", empty_list(), "begin_search", std::move(begin), "find_keys", std::move(find)};
}

reply_tree counted() {
  return {"type", "keynum", "spec", reply_tree{"keynumidx", 0, "firstkey", 1, "keystep", 1}};
}

key_positions table() {
  reply_tree list(std::initializer_list<reply_tree>{
      described("ping", empty_list()),
      described("hget", reply_tree(std::initializer_list<reply_tree>{specification(by_index(1), range())})),
      described("fcall",
                reply_tree(std::initializer_list<reply_tree>{specification(by_index(2), counted())})),
      described("xread", reply_tree(std::initializer_list<reply_tree>{specification(
                             {"type", "keyword", "spec", reply_tree{"keyword", "STREAMS", "startfrom", 1}},
                             range())})),
      described("migrate",
                reply_tree(std::initializer_list<reply_tree>{specification(
                    {"type", "keyword", "spec", reply_tree{"keyword", "KEYS", "startfrom", -2}}, range())})),
      described("xinfo", empty_list(),
                reply_tree(std::initializer_list<reply_tree>{described(
                    "xinfo|stream",
                    reply_tree(std::initializer_list<reply_tree>{specification(by_index(2), range())}))}))});
  return key_positions::of(list.get());
}

std::string key_of(std::vector<std::string> words) {
  command_list command;
  command.add(std::move(words));
  const auto positions = table();
  return std::string(positions.first_key(*command.data()));
}

TEST(key_positions, finds_a_key_by_its_index_in_any_letter_case) {
  EXPECT_EQ(key_of({"HGET", "k", "f"}), "k");
  EXPECT_EQ(key_of({"hGet", "k", "f"}), "k");
}

TEST(key_positions, finds_the_first_of_counted_keys) {
  EXPECT_EQ(key_of({"FCALL", "f", "2", "a", "b", "x"}), "a");
  EXPECT_EQ(key_of({"FCALL", "f", "0", "x"}), "");
  EXPECT_EQ(key_of({"FCALL", "f", "x", "a"}), "");
}

TEST(key_positions, finds_a_key_behind_a_word) {
  EXPECT_EQ(key_of({"XREAD", "COUNT", "1", "streams", "s", "0"}), "s");
  EXPECT_EQ(key_of({"MIGRATE", "h", "1", "", "0", "5", "KEYS", "m"}), "m");
}

TEST(key_positions, finds_the_key_of_a_subcommand) { EXPECT_EQ(key_of({"XINFO", "STREAM", "s"}), "s"); }

TEST(key_positions, finds_none_where_there_is_none) {
  for (const std::vector<std::string>& words : {std::vector<std::string>{"PING"},
                                                {"HGET"},
                                                {"NEW", "k"},
                                                {"XINFO", "HELP"},
                                                {"XREAD", "a"},
                                                {"FCALL", "f"}})
    EXPECT_EQ(key_of(words), "") << words.front();
}

TEST(key_positions, finds_the_key_of_a_script) {
  const auto script = make_script("return 1");
  const std::array args{string_of("1"), string_of("k"), string_of("a")};
  scanhost_command command{
      sizeof(scanhost_command), 0, args.data(), args.size(), {}, {}, 0, script.get(), 0, 0};
  EXPECT_EQ(key_positions().first_key(command), "k");
}

TEST(key_positions, survives_nonsense) {
  reply_tree list{reply_tree{"x"}, reply_tree("text"), described("get", {reply_tree("a"), reply_tree{1, 2}})};
  EXPECT_NO_THROW(key_positions::of(list.get()));
}

std::optional<std::vector<std::string>> keys_of(std::vector<std::string> words) {
  command_list command;
  command.add(std::move(words));
  const auto positions = table();
  const auto found = positions.all_keys(*command.data());
  if (!found) return std::nullopt;
  return std::vector<std::string>(found->begin(), found->end());
}

using texts = std::vector<std::string>;

TEST(key_positions, finds_all_counted_keys) {
  EXPECT_EQ(keys_of({"FCALL", "f", "2", "a", "b", "x"}), (texts{"a", "b"}));
  EXPECT_EQ(keys_of({"FCALL", "f", "0", "x"}), texts{});
  EXPECT_EQ(keys_of({"FCALL", "f", "3", "a", "b"}), std::nullopt);
  EXPECT_EQ(keys_of({"FCALL", "f", "2x", "a", "b"}), std::nullopt);
}

TEST(key_positions, does_not_claim_to_know_the_keys_of_an_unknown_command) {
  EXPECT_EQ(keys_of({"NEW", "a"}), std::nullopt);
  EXPECT_EQ(keys_of({"PING"}), texts{});
}

}  // namespace
}  // namespace scanhost::store
