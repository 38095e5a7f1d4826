// SPDX-License-Identifier: Apache-2.0
//
// What permissions refuse, and how they say so.
#include "store/gate/permissions.hpp"

#include <gmock/gmock.h>

#include "store/gate/read_only_form.hpp"
#include "store/protocol/script.hpp"
#include "support/commands.hpp"
#include "unit/store/gate/table.hpp"

namespace scanhost::store {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

config::permission_settings read_only() {
  config::permission_settings rules;
  rules.read_only = true;
  return rules;
}

config::permission_settings only_commands(std::vector<std::string> commands) {
  config::permission_settings rules;
  rules.commands = std::move(commands);
  return rules;
}

config::permission_settings only_prefixes(std::vector<std::string> prefixes) {
  config::permission_settings rules;
  rules.key_prefixes = std::move(prefixes);
  return rules;
}

std::string violation(const config::permission_settings& rules, std::vector<std::string> words,
                      std::uint32_t flags = 0) {
  auto table = table_of_commands();
  command_list list;
  list.add(std::move(words));
  auto command = *list.data();
  command.flags = flags;
  const auto effects = command_effects::of(table.get());
  return permissions(rules, "carts")
      .find_violation(command, effects.of(command), key_positions::of(table.get()));
}

TEST(permissions, read_only_refuses_changes_and_names_rule_and_scanner) {
  EXPECT_EQ(
      violation(read_only(), {"SET", "k", "v"}),
      "permissions: scanners.carts.permissions.read_only does not allow SET, which may change the store");
  EXPECT_THAT(violation(read_only(), {"GET", "k"}), IsEmpty());
}

TEST(permissions, read_only_lets_scripts_through_unless_they_act) {
  EXPECT_THAT(violation(read_only(), {"FCALL", "f", "0"}), IsEmpty());
  EXPECT_THAT(violation(read_only(), {"FCALL", "f", "0"}, SCANHOST_COMMAND_ACTS),
              HasSubstr("does not allow f,"));
}

TEST(permissions, a_list_of_commands_allows_these_in_any_letter_case) {
  const auto rules = only_commands({"get", "OBJECT FREQ"});
  EXPECT_THAT(violation(rules, {"GET", "k"}), IsEmpty());
  EXPECT_THAT(violation(rules, {"object", "freq", "k"}), IsEmpty());
  EXPECT_THAT(violation(rules, {"OBJECT", "ENCODING", "k"}),
              HasSubstr("permissions.commands does not list OBJECT"));
  EXPECT_THAT(violation(rules, {"SET", "k", "v"}), HasSubstr("does not list SET"));
}

TEST(permissions, a_listed_function_allows_no_other) {
  const auto rules = only_commands({"FCALL mine"});
  EXPECT_THAT(violation(rules, {"fcall", "mine", "0"}), IsEmpty());
  EXPECT_THAT(violation(rules, {"FCALL", "Mine", "0"}), HasSubstr("does not list Mine"));
}

TEST(permissions, all_keys_of_a_command_must_begin_with_a_listed_prefix) {
  const auto rules = only_prefixes({"a:", "b:"});
  EXPECT_THAT(violation(rules, {"MGET", "a:1", "b:2"}), IsEmpty());
  EXPECT_THAT(violation(rules, {"MGET", "a:1", "c:2"}),
              HasSubstr("permissions.key_prefixes does not allow MGET"));
  EXPECT_THAT(violation(rules, {"SCAN", "0"}), IsEmpty());
}

TEST(permissions, a_change_without_a_key_is_refused_where_keys_are_limited) {
  EXPECT_THAT(violation(only_prefixes({"a:"}), {"FLUSHALL"}), HasSubstr("FLUSHALL, which names no key"));
}

TEST(permissions, a_command_whose_keys_the_server_does_not_tell_is_refused) {
  EXPECT_THAT(violation(only_prefixes({"a:"}), {"SORT", "a:1", "BY", "c:*"}),
              HasSubstr("does not say which keys"));
  EXPECT_THAT(violation(only_prefixes({"a:"}), {"NEW", "a:1"}), HasSubstr("does not say which keys"));
}

TEST(permissions, the_declared_keys_of_a_script_by_handle_count) {
  const auto script = make_script("return 1");
  const key_positions keys;
  const permissions rules(only_prefixes({"a:"}), "carts");
  command_list list{{"2", "a:1", "c:2"}, {"1", "a:1", "c:2"}, {"3", "a:1"}};
  std::vector<bool> refused;
  for (int i = 0; i < 3; ++i) {
    auto command = list.data()[i];
    command.script = script.get();
    refused.push_back(!rules.find_violation(command, effect::script, keys).empty());
  }
  EXPECT_EQ(refused, (std::vector<bool>{true, false, true}));
}

std::vector<std::string> words_of(const std::vector<scanhost_string>& words) {
  std::vector<std::string> texts;
  for (const auto& word : words) texts.emplace_back(text_of(word));
  return texts;
}

TEST(read_only_form, sends_functions_and_scripts_in_the_form_that_cannot_write) {
  command_list list{{"fcall", "f", "1", "k"}, {"EVALSHA", "0123", "0"}, {"Eval", "return 1", "0"}};
  EXPECT_EQ(words_of(read_only_form(list.data()[0])), (std::vector<std::string>{"FCALL_RO", "f", "1", "k"}));
  EXPECT_EQ(words_of(read_only_form(list.data()[1])), (std::vector<std::string>{"EVALSHA_RO", "0123", "0"}));
  EXPECT_EQ(words_of(read_only_form(list.data()[2])), (std::vector<std::string>{"EVAL_RO", "return 1", "0"}));
}

TEST(read_only_form, sends_the_source_of_a_script_by_handle) {
  const auto script = make_script("return 1");
  command_list list{{"1", "k", "v"}};
  auto command = *list.data();
  command.script = script.get();
  EXPECT_EQ(words_of(read_only_form(command)),
            (std::vector<std::string>{"EVAL_RO", "return 1", "1", "k", "v"}));
}

TEST(read_only_form, knows_what_servers_answer_to_an_attempt_to_write) {
  EXPECT_TRUE(is_refused_change(
      "ERR Write commands are not allowed from read-only scripts. script: 0123, on @user_script:1."));
  EXPECT_TRUE(is_refused_change("ERR Can not execute a script with write flag using *_ro command."));
  EXPECT_FALSE(is_refused_change("ERR Function not found"));
}

}  // namespace
}  // namespace scanhost::store
