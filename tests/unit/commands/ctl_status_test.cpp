// SPDX-License-Identifier: Apache-2.0
//
// What `scanhost ctl status` prints, from the JSON that a host gives.
#include "commands/ctl_status.hpp"

#include <gmock/gmock.h>

#include "admin/status_json.hpp"

namespace scanhost::commands {
namespace {

using testing::HasSubstr;
using testing::Not;

runner::scanner_status sweeper() {
  runner::scanner_status status;
  status.name = "sweeper";
  status.state = runner::scanner_state::backing_off;
  status.generation = 3;
  status.sha256 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
  status.since = base::timestamp(base::milliseconds(1'700'000'000'123));
  status.cycles = 12;
  status.totals = {100, 0, 7, 0};
  status.cpu_usage = 0.013;
  status.memory_bytes = 24'222'106;
  return status;
}

std::string text_of(const runner::scanner_status& status, bool history = false) {
  return status_text(admin::status_json({status}, false), history).value();
}

TEST(ctl_status, has_a_row_for_each_scanner) {
  EXPECT_EQ(
      text_of(sweeper()),
      "SCANNER  STATE        GEN  BUILD         SINCE                 CYCLES  PROCESSED  ERRORS  CPU   MEMORY\n"
      "sweeper  backing off    3  0123456789ab  2023-11-14T22:13:20Z      12        100       7  1.3%  23.1 MiB\n");
}

TEST(ctl_status, shows_who_is_paused_or_on_probation) {
  auto status = sweeper();
  status.state = runner::scanner_state::waiting;
  status.paused = true;
  EXPECT_THAT(text_of(status), HasSubstr("waiting, paused  "));
  status.on_probation = true;
  EXPECT_THAT(text_of(status), HasSubstr("waiting, paused, on probation  "));
}

TEST(ctl_status, a_dry_run_cannot_be_overlooked) {
  auto status = sweeper();
  status.state = runner::scanner_state::waiting;
  status.dry_run = true;
  status.held_back = 12;
  EXPECT_THAT(text_of(status), HasSubstr("DRY RUN, waiting  "));
  EXPECT_THAT(text_of(status), HasSubstr("\nsweeper runs dry: held back commands=12\n"));
}

TEST(ctl_status, counts_what_is_not_permitted) {
  auto status = sweeper();
  EXPECT_THAT(text_of(status), Not(HasSubstr("permitted")));
  status.refused = 3;
  EXPECT_THAT(text_of(status),
              HasSubstr("\nsweeper is not permitted all that it asks for: refused commands=3\n"));
}

TEST(ctl_status, says_who_paused_a_scanner_until_when_and_why) {
  auto status = sweeper();
  EXPECT_THAT(text_of(status), Not(HasSubstr("is paused")));
  status.paused = true;
  status.pause = {"the page (192.0.2.1)", "the queue is moved",
                  base::timestamp(base::milliseconds(1'700'000'000'123)),
                  base::timestamp(base::milliseconds(1'700'007'200'123))};
  EXPECT_THAT(text_of(status),
              HasSubstr("\nsweeper is paused by the page (192.0.2.1) since 2023-11-14T22:13:20Z until "
                        "2023-11-15T00:13:20Z: the queue is moved\n"));
  status.pause = {};
  EXPECT_THAT(text_of(status), HasSubstr("\nsweeper is paused\n"));
}

TEST(ctl_status, says_why_a_scanner_is_not_ready) {
  auto status = sweeper();
  status.state = runner::scanner_state::waiting;
  status.store.state = store::connection_state::up;
  EXPECT_THAT(text_of(status), Not(HasSubstr("not ready")));
  status.store_troubles.push_back({store::state::out_of_memory, "OOM command not allowed", "", 3, {}, {}});
  EXPECT_THAT(text_of(status),
              HasSubstr("\nnot ready: sweeper is kept from its work by the store: the server is "
                        "out of memory: OOM command not allowed\n"));
}

TEST(ctl_status, says_nothing_of_a_scanner_that_only_begins) {
  auto status = sweeper();
  status.cycles = 0;
  status.state = runner::scanner_state::starting;
  EXPECT_THAT(text_of(status), Not(HasSubstr("not ready")));
}

TEST(ctl_status, says_which_functions_a_scanner_waits_for) {
  auto status = sweeper();
  status.state = runner::scanner_state::functions_missing;
  EXPECT_THAT(text_of(status), Not(HasSubstr("waits for")));
  status.waits_for = {status.state, "the function f of the library 'x'"};
  EXPECT_THAT(text_of(status), HasSubstr("sweeper  functions missing  "));
  EXPECT_THAT(text_of(status), HasSubstr("\nsweeper waits for the function f of the library 'x'\n"));
}

TEST(ctl_status, shows_generations_that_are_stuck_beside_the_one_that_runs) {
  auto status = sweeper();
  status.state = runner::scanner_state::waiting;
  status.stuck_generations = 1;
  EXPECT_THAT(text_of(status), HasSubstr("waiting, 1 stuck generation  "));
  status.stuck_generations = 2;
  EXPECT_THAT(text_of(status), HasSubstr("waiting, 2 stuck generations  "));
}

TEST(ctl_status, shows_who_has_a_log_level_of_its_own) {
  auto status = sweeper();
  status.log_level = base::severity::debug;
  EXPECT_THAT(text_of(status), HasSubstr("backing off, log level debug  "));
}

TEST(ctl_status, shows_who_acted_beyond_its_turns_in_the_last_cycle) {
  auto status = sweeper();
  status.last_cycle.emplace();
  EXPECT_THAT(text_of(status), Not(HasSubstr("beyond")));
  status.last_cycle->counts.beyond_allowance = 1;
  EXPECT_THAT(text_of(status), HasSubstr("backing off, beyond its turns  "));
}

TEST(ctl_status, shows_whose_memory_grows) {
  auto status = sweeper();
  status.memory_growth = runner::steady_growth{1 << 25, 30, base::milliseconds(45'000)};
  EXPECT_THAT(text_of(status), HasSubstr("backing off, memory grows  "));
}

TEST(ctl_status, shows_a_dash_for_memory_that_is_not_counted) {
  auto status = sweeper();
  status.memory_bytes.reset();
  EXPECT_THAT(text_of(status), HasSubstr("1.3%       -\n"));
}

TEST(ctl_status, shows_a_dash_for_what_is_not_there_yet) {
  auto status = sweeper();
  status.since = {};
  status.sha256 = "";
  EXPECT_THAT(text_of(status), HasSubstr("backing off    3      -      -      12"));
}

TEST(ctl_status, adds_the_history_when_asked) {
  auto status = sweeper();
  status.history = {
      {1, "aaaaaaaaaaaaaaaaaaaa", "1.0.0", base::timestamp(base::milliseconds(1000)), "started", ""},
      {2, "bbbbbbbbbbbbbbbbbbbb", "1.1.0", base::timestamp(base::milliseconds(2000)), "reloaded",
       "it changed"}};
  EXPECT_THAT(text_of(status), Not(HasSubstr("OUTCOME")));
  EXPECT_THAT(text_of(status, true),
              HasSubstr("\n\n"
                        "SCANNER  WHEN                  GEN  OUTCOME   BUILD         VERSION  REASON\n"
                        "sweeper  1970-01-01T00:00:01Z    1  started   aaaaaaaaaaaa    1.0.0\n"
                        "sweeper  1970-01-01T00:00:02Z    2  reloaded  bbbbbbbbbbbb    1.1.0  it changed\n"));
}

TEST(ctl_status, lets_no_text_move_the_cursor_or_break_a_row) {
  auto status = sweeper();
  status.history = {{1, "a", "1", {}, "refused", "two\nlines \x1b[2J"}};
  EXPECT_THAT(text_of(status, true), HasSubstr("two lines ?[2J\n"));
}

TEST(ctl_status, says_so_when_the_json_is_of_another_version) {
  for (const char* text :
       {"", "{}", "[]", R"({"scanners":[{"name":"a"}]})", R"({"scanners":[{"name":1}]})"}) {
    const auto result = status_text(text, true);
    ASSERT_FALSE(result) << text;
    EXPECT_EQ(result.error().code, base::errc::data);
  }
}

}  // namespace
}  // namespace scanhost::commands
