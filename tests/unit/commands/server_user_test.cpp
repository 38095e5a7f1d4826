// SPDX-License-Identifier: Apache-2.0
//
// The rules of a server's user.
#include "commands/server_user.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace scanhost::commands {
namespace {

scanner_needs reader(const std::string& name = "reader") {
  scanner_needs needs;
  needs.name = name;
  needs.plugin.families.push_back({.name = "cart", .tag_pattern = "{cart:*}"});
  needs.seen.sent.names = {"HGET"};
  needs.seen.sent.keys = {"cart:*"};
  return needs;
}

std::vector<std::string> texts(const server_user& user) {
  std::vector<std::string> found;
  for (const auto& rule : user.rules()) found.push_back(rule.text);
  return found;
}

bool has(const server_user& user, const std::string& rule) {
  const auto rules = texts(user);
  return std::ranges::find(rules, rule) != rules.end();
}

TEST(server_user, may_only_read_what_is_only_read) {
  server_user user({});
  user.add(reader());
  EXPECT_EQ(
      user.command(),
      "ACL SETUSER scanhost reset on >PASSWORD %R~cart:* %R~*scanhost:probe +client|setname +exists +hget "
      "+info +time");
}

TEST(server_user, may_write_where_one_of_its_scanners_writes) {
  server_user user({});
  user.add(reader());
  auto writer = reader("writer");
  writer.seen.sent.names = {"XGROUP CREATE"};
  writer.seen.sent.writes = true;
  user.add(writer);
  EXPECT_TRUE(has(user, "~cart:*"));
  EXPECT_FALSE(has(user, "%R~cart:*"));
  EXPECT_TRUE(has(user, "+xgroup|create"));
}

TEST(server_user, may_write_to_the_key_of_the_probe_where_one_of_its_scanners_writes) {
  server_user user({});
  user.add(reader());
  EXPECT_TRUE(has(user, "%R~*scanhost:probe"));
  EXPECT_FALSE(has(user, "+setrange"));
  auto writer = reader("writer");
  writer.seen.sent.writes = true;
  user.add(writer);
  EXPECT_TRUE(has(user, "~*scanhost:probe"));
  EXPECT_FALSE(has(user, "%R~*scanhost:probe"));
  EXPECT_TRUE(has(user, "+setrange"));
}

TEST(server_user, gives_the_reasons_for_each_rule) {
  server_user user({});
  user.add(reader("one"));
  user.add(reader("two"));
  for (const auto& rule : user.rules())
    if (rule.text == "+hget") {
      EXPECT_EQ(rule.reasons, std::vector<std::string>{"sent by one, two"});
    }
}

TEST(server_user, may_send_scripts_by_their_digest_too) {
  server_user user({});
  auto scanner = reader();
  scanner.seen.sent.names = {"EVAL"};
  scanner.seen.sent.in_scripts = {"ZREM"};
  user.add(scanner);
  for (const auto* rule : {"+eval", "+evalsha", "+zrem"}) EXPECT_TRUE(has(user, rule)) << rule;
}

TEST(server_user, may_run_what_functions_run_and_publish_to_their_channels) {
  server_user user({});
  auto scanner = reader();
  scanner.plugin.function_library = "shop";
  scanner.plugin.functions = {"finish"};
  scanner.functions.names = {"HSET"};
  scanner.functions.channels = {"shop:done"};
  user.add(scanner);
  for (const auto* rule : {"+fcall", "+function|list", "+hset", "&shop:done", "~cart:*"})
    EXPECT_TRUE(has(user, rule)) << rule;
}

TEST(server_user, may_read_the_table_of_commands_where_the_gate_needs_it) {
  server_user user({});
  user.add(reader());
  EXPECT_FALSE(has(user, "+command"));
  auto judged = reader("judged");
  judged.gate = gate_use::judges;
  user.add(judged);
  EXPECT_TRUE(has(user, "+command"));
}

TEST(server_user, may_read_the_table_of_commands_where_items_are_explained) {
  server_user user({});
  auto explaining = reader("explaining");
  explaining.plugin.offered_extensions = {"scanhost.explain/1"};
  user.add(explaining);
  EXPECT_TRUE(has(user, "+command"));
}

TEST(server_user, may_only_read_for_a_scanner_that_runs_dry) {
  server_user user({});
  auto scanner = reader();
  scanner.plugin.function_library = "shop";
  scanner.plugin.functions = {"finish"};
  scanner.seen.sent.names = {"EVAL", "HGET"};
  scanner.seen.sent.writes = true;
  scanner.seen.named = {"EVALSHA"};
  scanner.gate = gate_use::read_only;
  user.add(scanner);
  for (const auto* rule : {"+command", "+eval_ro", "+evalsha_ro", "+fcall_ro", "+hget", "%R~cart:*"})
    EXPECT_TRUE(has(user, rule)) << rule;
  for (const auto* rule : {"+eval", "+evalsha", "+fcall", "+setrange", "~cart:*"})
    EXPECT_FALSE(has(user, rule)) << rule;
  const auto remarks = user.remarks();
  EXPECT_TRUE(std::ranges::any_of(
      remarks, [](const auto& remark) { return remark.starts_with("Keys of these can only be read"); }));
}

TEST(server_user, may_read_the_number_of_partitions_and_listed_members) {
  server_user user({});
  auto scanner = reader();
  scanner.plugin.families[0].count_key = "config:counts";
  scanner.plugin.families.push_back({.name = "shop",
                                     .tag_pattern = "{s:*}",
                                     .members = config::member_source::key,
                                     .members_from = "shops"});
  user.add(scanner);
  for (const auto* rule : {"%R~config:counts", "%R~shops", "+hget", "+type", "+smembers", "+zrange"})
    EXPECT_TRUE(has(user, rule)) << rule;
}

TEST(server_user, may_ask_for_the_nodes_of_a_cluster_and_select_another_database_only_where_that_is_asked) {
  server_user plain({}), cluster({.cluster = true}), database({.other_database = true});
  for (auto* user : {&plain, &cluster, &database}) user->add(reader());
  for (const auto* rule : {"+cluster|shards", "+asking", "+command"}) {
    EXPECT_FALSE(has(plain, rule)) << rule;
    EXPECT_TRUE(has(cluster, rule)) << rule;
  }
  EXPECT_FALSE(has(plain, "+select"));
  EXPECT_TRUE(has(database, "+select"));
}

}  // namespace
}  // namespace scanhost::commands
