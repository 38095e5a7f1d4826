// SPDX-License-Identifier: Apache-2.0
//
// What commands may do to the store.
#include "store/gate/command_effects.hpp"

#include <gtest/gtest.h>

#include "store/protocol/script.hpp"
#include "support/commands.hpp"
#include "unit/store/gate/table.hpp"

namespace scanhost::store {
namespace {

effect effect_of(std::vector<std::string> words) {
  auto table = table_of_commands();
  command_list command;
  command.add(std::move(words));
  return command_effects::of(table.get()).of(*command.data());
}

TEST(command_effects, what_the_server_flags_readonly_reads_in_any_letter_case) {
  EXPECT_EQ(effect_of({"GET", "k"}), effect::reads);
  EXPECT_EQ(effect_of({"gEt", "k"}), effect::reads);
  EXPECT_EQ(effect_of({"OBJECT", "freq", "k"}), effect::reads);
}

TEST(command_effects, a_write_and_what_nobody_knows_count_as_changes) {
  EXPECT_EQ(effect_of({"SET", "k", "v"}), effect::changes);
  EXPECT_EQ(effect_of({"PUBLISH", "c", "m"}), effect::changes);
  EXPECT_EQ(effect_of({"MODULE.NEW", "k"}), effect::changes);
  EXPECT_EQ(effect_of({"OBJECT", "new", "k"}), effect::changes);
}

TEST(command_effects, a_readonly_command_that_may_rewrite_its_key_counts_as_a_change) {
  EXPECT_EQ(effect_of({"PFCOUNT", "k"}), effect::changes);
}

TEST(command_effects, what_is_harmless_by_itself_needs_no_table) {
  command_list commands{
      {"PING"}, {"config", "GET", "maxmemory"}, {"CONFIG", "SET", "maxmemory", "1"}, {"GET", "k"}};
  const auto* first = commands.data();
  const command_effects nothing_known;
  EXPECT_EQ(nothing_known.of(first[0]), effect::reads);
  EXPECT_EQ(nothing_known.of(first[1]), effect::reads);
  EXPECT_EQ(nothing_known.of(first[2]), effect::changes);
  EXPECT_EQ(nothing_known.of(first[3]), effect::changes);
}

TEST(command_effects, scripts_and_functions_are_told_apart_from_their_read_only_forms) {
  EXPECT_EQ(effect_of({"FCALL", "f", "0"}), effect::script);
  EXPECT_EQ(effect_of({"evalsha", "0123", "0"}), effect::script);
  EXPECT_EQ(effect_of({"FCALL_RO", "f", "0"}), effect::reads);
  EXPECT_EQ(effect_of({"EVAL_RO", "return 1", "0"}), effect::reads);
}

TEST(command_effects, a_script_by_handle_is_a_script) {
  const auto script = make_script("return 1");
  command_list list{{"1", "k"}};
  auto command = *list.data();
  command.script = script.get();
  EXPECT_EQ(command_effects().of(command), effect::script);
  EXPECT_EQ(title_of(command).script, script->sha1);
}

TEST(command_effects, a_command_is_called_by_its_function_or_its_name) {
  command_list list{{"fcall", "ff_x", "0"}, {"hset", "k"}};
  EXPECT_EQ(title_of(list.data()[0]).text(), "ff_x");
  EXPECT_EQ(title_of(list.data()[1]).text(), "HSET");
}

}  // namespace
}  // namespace scanhost::store
