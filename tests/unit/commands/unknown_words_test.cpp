// SPDX-License-Identifier: Apache-2.0
#include "commands/unknown_words.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace scanhost::commands {
namespace {

command_entry program() {
  const option_entry config{{"--config"}, true, {}, {}, "the configuration file"};
  const option_entry json{{"--json"}, false, {}, {}, "print JSON"};
  const command_entry run{"run", "run it", {}, {}, {config, json}, {}};
  const command_entry status{"status", "what it does", {}, {{"scanner", false, true, ""}}, {json}, {}};
  const command_entry ctl{"ctl", "control it", {}, {}, {config}, {status}};
  command_entry demo{"demo", "the demo", {}, {}, {}, {}};
  demo.passes_words_on = true;
  return {"scanhost", "", {}, {}, {}, {run, ctl, demo}};
}

std::string explained(const std::vector<std::string_view>& words) {
  return explain_unknown_word(program(), words).value_or("");
}

TEST(explain_unknown_word, names_a_mistyped_command_and_the_one_that_was_meant) {
  EXPECT_EQ(explained({"rnu"}), "unknown command 'scanhost rnu'; did you mean 'run'?");
  EXPECT_EQ(explained({"ctl", "stauts"}), "unknown command 'scanhost ctl stauts'; did you mean 'status'?");
}

TEST(explain_unknown_word, finds_the_command_of_a_group_that_was_left_out) {
  EXPECT_EQ(explained({"statsu"}), "unknown command 'scanhost statsu'; did you mean 'scanhost ctl status'?");
}

TEST(explain_unknown_word, lists_the_commands_when_none_is_near) {
  EXPECT_EQ(explained({"frobnicate"}),
            "unknown command 'scanhost frobnicate'; the commands are run, ctl, demo");
}

TEST(explain_unknown_word, names_a_mistyped_option) {
  EXPECT_EQ(explained({"run", "--confg", "x"}),
            "unknown option '--confg' of 'scanhost run'; did you mean '--config'?");
  EXPECT_EQ(explained({"run", "--jsno=1"}),
            "unknown option '--jsno' of 'scanhost run'; did you mean '--json'?");
}

TEST(explain_unknown_word, takes_the_value_of_an_option_for_no_command) {
  EXPECT_EQ(explained({"ctl", "--config", "x", "status", "a", "--json"}), "");
  EXPECT_EQ(explained({"ctl", "--config=x", "sttaus"}),
            "unknown command 'scanhost ctl sttaus'; did you mean 'status'?");
}

TEST(explain_unknown_word, leaves_arguments_and_missing_words_to_the_parser) {
  EXPECT_EQ(explained({}), "");
  EXPECT_EQ(explained({"run"}), "");
  EXPECT_EQ(explained({"ctl", "status", "nobody"}), "");
}

TEST(explain_unknown_word, leaves_the_words_of_another_program_alone) {
  EXPECT_EQ(explained({"demo", "--size", "5"}), "");
}

}  // namespace
}  // namespace scanhost::commands
