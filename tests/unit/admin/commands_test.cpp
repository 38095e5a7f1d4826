// SPDX-License-Identifier: Apache-2.0
//
// The table of commands, and README's, which shows the same.
#include "admin/commands.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <boost/asio/io_context.hpp>
#include <fstream>
#include <sstream>

#include "admin/control.hpp"

namespace scanhost::admin {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

std::string readme() {
  std::ostringstream text;
  text << std::ifstream(SCANHOST_SOURCE_DIR "/README.md").rdbuf();
  return text.str();
}

TEST(commands, are_the_table_of_the_readme) {
  std::string table = "| `scanhost ctl ...` | HTTP | what it does |\n|---|---|---|\n";
  for (const auto& command : commands())
    table += fmt::format("| `{}` | `{} {}` | {} |\n", usage_of(command), command.method, command.target,
                         command.help);
  EXPECT_THAT(readme(), HasSubstr(table + "\n"));
}

TEST(commands, are_found_by_name) {
  ASSERT_NE(find_command("run-now"), nullptr);
  EXPECT_EQ(find_command("run-now")->target, "/control/run-now");
  EXPECT_EQ(find_command("stop"), nullptr);
}

TEST(commands, say_how_they_are_typed) {
  EXPECT_EQ(usage_of(*find_command("status")), "status [SCANNER]");
  EXPECT_EQ(usage_of(*find_command("plan")), "plan");
  EXPECT_EQ(usage_of(*find_command("rollback")), "rollback SCANNER");
  EXPECT_EQ(usage_of(*find_command("log-level")), "log-level SCANNER LEVEL");
  EXPECT_EQ(usage_of(*find_command("run-now")), "run-now SCANNER...");
  EXPECT_EQ(usage_of(*find_command("resume")), "resume [SCANNER...]");
  EXPECT_EQ(usage_of(*find_command("pause")), "pause [SCANNER...] [--for DURATION] [--reason TEXT]");
}

TEST(commands, say_how_many_arguments_they_take) {
  const auto problem = [](const char* name, std::size_t count) {
    return wrong_count(*find_command(name), count);
  };
  EXPECT_THAT(problem("plan", 0) + problem("rollback", 1) + problem("run-now", 2) + problem("pause", 0),
              IsEmpty());
  EXPECT_EQ(problem("plan", 1), "plan takes no argument");
  EXPECT_EQ(problem("rollback", 0), "rollback takes exactly one scanner");
  EXPECT_EQ(problem("release", 2), "release takes exactly one sha256");
  EXPECT_EQ(problem("log-level", 1), "log-level takes exactly two arguments: SCANNER LEVEL");
  EXPECT_EQ(problem("log-level", 2), "");
  EXPECT_EQ(problem("run-now", 0), "run-now takes at least one scanner");
}

// What a host without scanners, which does not reload yet, answers.
control_answer answer_to(const control_request& request) {
  boost::asio::io_context context;
  runner::roster nothing;
  reload::pauses pauses("/nowhere", "/nowhere.yaml", {});
  control starting(context, nothing, pauses);
  control_answer answer{base::exit_code::software, "no answer", {}};
  perform(starting, request, [&](control_answer given) { answer = std::move(given); });
  return answer;
}

TEST(commands, are_refused_if_there_is_none_of_that_name) {
  for (const char* name : {"stop", "", "status"}) {
    const auto answer = answer_to({name, {}});
    EXPECT_EQ(answer.code, base::exit_code::usage);
    EXPECT_THAT(answer.message, HasSubstr("the commands are status, reload, plan"));
  }
}

TEST(commands, are_refused_with_a_wrong_number_of_arguments) {
  EXPECT_EQ(answer_to({"rollback", {}}).message, "rollback takes exactly one scanner");
  EXPECT_EQ(answer_to({"rollback", {}}).code, base::exit_code::usage);
}

TEST(commands, do_not_say_that_there_is_no_such_scanner_while_the_host_starts) {
  for (const char* command : {"pause", "resume", "run-now"}) {
    const auto answer = answer_to({command, {"lease_expiry"}});
    EXPECT_EQ(answer.code, base::exit_code::unavailable);
    EXPECT_THAT(answer.message, HasSubstr("the host is still starting"));
  }
}

TEST(commands, are_refused_with_an_option_that_they_do_not_have) {
  const auto answer = answer_to({"pause", {}, {{"until", "noon"}}});
  EXPECT_EQ(answer.code, base::exit_code::usage);
  EXPECT_EQ(answer.message, "pause has no option 'until'; it has for, reason");
  EXPECT_EQ(answer_to({"resume", {}, {{"for", "2h"}}}).message, "resume takes no option, but 'for' is given");
}

TEST(commands, refuse_a_pause_whose_time_or_reason_is_wrong) {
  EXPECT_THAT(answer_to({"pause", {}, {{"for", "soon"}}}).message, testing::StartsWith("for: "));
  EXPECT_THAT(answer_to({"pause", {}, {{"reason", "\x1b[2J"}}}).message, testing::StartsWith("reason: "));
  EXPECT_EQ(answer_to({"pause", {}, {{"reason", ""}}}).code, base::exit_code::usage);
}

TEST(commands, are_refused_with_a_log_level_that_there_is_not) {
  const auto answer = answer_to({"log-level", {"sweeper", "loud"}});
  EXPECT_EQ(answer.code, base::exit_code::usage);
  EXPECT_EQ(answer.message,
            "log-level: there is no level loud; use trace, debug, info, warn, error or off, or default");
}

TEST(commands, that_need_the_reloader_are_refused_until_it_is_there) {
  for (const auto& request :
       {control_request{"reload", {}}, control_request{"plan", {}}, control_request{"blocked", {}},
        control_request{"release", {"0123456789"}}, control_request{"rollback", {"sweeper"}},
        control_request{"pause", {}}, control_request{"resume", {}}})
    EXPECT_EQ(answer_to(request).code, base::exit_code::unavailable) << request.command;
}

TEST(commands, take_an_optional_scanner_or_item) {
  EXPECT_EQ(usage_of(*find_command("failures")), "failures [SCANNER] [--limit NUMBER]");
  EXPECT_EQ(usage_of(*find_command("retry")), "retry SCANNER [ITEM]");
  EXPECT_EQ(wrong_count(*find_command("failures"), 1), "");
  EXPECT_EQ(wrong_count(*find_command("failures"), 2), "failures takes at most one scanner");
  EXPECT_EQ(wrong_count(*find_command("retry"), 2), "");
  EXPECT_EQ(wrong_count(*find_command("retry"), 0), "retry takes one or two arguments: SCANNER ITEM");
  EXPECT_EQ(answer_to({"retry", {"nobody", "x"}}).code, base::exit_code::usage);
}

}  // namespace
}  // namespace scanhost::admin
