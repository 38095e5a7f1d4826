// SPDX-License-Identifier: Apache-2.0
//
// What `scanhost ctl status` prints, from the JSON that a host gives.
#include "commands/ctl_status.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <sstream>

#include "admin/status_json.hpp"

namespace scanhost::commands {
namespace {

using testing::AllOf;
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

constexpr status_view with_history{true, false, false, 100};

admin::host_status running_host() {
  admin::host_facts facts;
  facts.version = "1.2.3";
  facts.started = base::timestamp(base::milliseconds(1'700'000'000'000));
  facts.now = base::timestamp(base::milliseconds(1'700'011'520'000));
  facts.store_url = "valkey://127.0.0.1:6379";
  facts.configuration.accepted = facts.started;
  return {facts, true, {admin::store_availability::up, {}}};
}

std::string text_of(const runner::scanner_status& status, status_view view = {},
                    const admin::host_status& host = running_host()) {
  return status_text(admin::status_json({status}, admin::command_access::none, {}, host), view).value();
}

std::string details_of(const runner::scanner_status& status) {
  status_view view;
  view.details = true;
  return text_of(status, view);
}

TEST(ctl_status, has_lines_about_the_host_and_a_row_for_each_scanner) {
  auto status = sweeper();
  status.state = runner::scanner_state::waiting;
  status.store.state = store::connection_state::up;
  status.processed_per_second = 12.3;
  status.oldest_overdue = base::milliseconds(725'000);
  status.items_in_back_off = 4;
  status.next_cycle = base::timestamp(base::milliseconds(1'700'011'522'500));
  EXPECT_EQ(text_of(status),
            "host           scanhost 1.2.3, up 3h12m, at 2023-11-15T01:25:20Z\n"
            "store          valkey://127.0.0.1:6379, up\n"
            "configuration  accepted 2023-11-14T22:13:20Z\n"
            "scanners       1, 1 ready\n"
            "\n"
            "SCANNER  STATE    RATE  OVERDUE  BACK-OFF  ERRORS  NEXT  NOTE\n"
            "sweeper  waiting  12/s    12m5s         4       7    2s\n");
}

TEST(ctl_status, names_what_waits_for_a_restart) {
  auto host = running_host();
  host.facts.configuration.needs_restart = {"admin.listen", "plugins.staging"};
  EXPECT_THAT(text_of(sweeper(), {}, host),
              HasSubstr("\nconfiguration  accepted 2023-11-14T22:13:20Z, NEEDS A RESTART for admin.listen, "
                        "plugins.staging\n"));
}

TEST(ctl_status, says_why_the_store_cannot_be_used) {
  auto host = running_host();
  host.store = {admin::store_availability::down, "connection refused"};
  EXPECT_THAT(text_of(sweeper(), {}, host),
              HasSubstr("\nstore          valkey://127.0.0.1:6379, down: connection refused\n"));
}

TEST(ctl_status, says_why_the_configuration_was_refused) {
  auto host = running_host();
  host.facts.configuration.refused = host.facts.now;
  host.facts.configuration.reason = "a.yaml:1: unknown key\na.yaml:2: another";
  EXPECT_THAT(
      text_of(sweeper(), {}, host),
      HasSubstr("\nconfiguration  REFUSED 2023-11-15T01:25:20Z, that of 2023-11-14T22:13:20Z stays in "
                "force: a.yaml:1: unknown key; a.yaml:2: another\n"));
}

TEST(ctl_status, says_why_there_are_no_scanners_yet) {
  auto host = running_host();
  host.facts.not_ready = "no answer from the store";
  const auto text = status_text(admin::status_json({}, admin::command_access::none, {}, host), {}).value();
  EXPECT_THAT(text, HasSubstr("\nscanners       none yet: no answer from the store\n"));
  EXPECT_THAT(text, Not(HasSubstr("SCANNER")));
}

// With the longest names, numbers and notes that there are.
runner::scanner_status wide_scanner() {
  auto status = sweeper();
  status.name = "a_scanner_with_a_very_long_name@acme";
  status.state = runner::scanner_state::functions_missing;
  status.processed_per_second = 123'456;
  status.oldest_overdue = base::milliseconds(86'399'000'000);
  status.items_in_back_off = 999'999;
  status.totals.errors = 123'456'789'000;
  status.next_cycle = base::timestamp(base::milliseconds(1'700'111'111'000));
  status.dry_run = true;
  status.last_error = std::string(300, 'x');
  return status;
}

std::vector<std::string> rows_of(const std::string& text) {
  std::vector<std::string> rows;
  std::istringstream lines(text.substr(text.find("SCANNER")));
  for (std::string line; std::getline(lines, line) && !line.empty();) rows.push_back(line);
  return rows;
}

TEST(ctl_status, fits_nineteen_scanners_in_a_hundred_columns) {
  const std::vector<runner::scanner_status> scanners(19, wide_scanner());
  const auto rows = rows_of(
      status_text(admin::status_json(scanners, admin::command_access::none, {}, running_host()), {}).value());
  ASSERT_EQ(rows.size(), 20u);
  for (const auto& row : rows) EXPECT_LE(row.size(), 100u) << row;
  EXPECT_THAT(rows.at(1), HasSubstr("a_scanner_with_a_very_lon...  no functions  123k/s"));
  EXPECT_THAT(rows.at(1), HasSubstr("  DRY RUN"));
}

TEST(ctl_status, gives_a_wide_terminal_more_of_the_notes) {
  auto status = wide_scanner();
  status.state = runner::scanner_state::backing_off;
  status_view wide;
  wide.columns = 200;
  EXPECT_EQ(rows_of(text_of(status, wide)).at(1).size(), 200u);
}

TEST(ctl_status, counts_characters_and_not_bytes) {
  auto status = sweeper();
  status.paused = true;
  status.state = runner::scanner_state::waiting;
  status.pause.reason = std::string("\xc3\xa9", 2);
  EXPECT_THAT(text_of(status), HasSubstr("-  \xc3\xa9\n"));
  for (int i = 0; i < 7; ++i) status.pause.reason += status.pause.reason;
  const auto row = rows_of(text_of(status)).at(1);
  EXPECT_EQ(row.size() - static_cast<std::size_t>(std::count(row.begin(), row.end(), '\xc3')), 100u);
}

TEST(ctl_status, says_who_is_paused_and_why_in_the_row) {
  auto status = sweeper();
  status.state = runner::scanner_state::waiting;
  status.paused = true;
  status.pause = {"root", "the queue is moved", {}, {}};
  EXPECT_THAT(rows_of(text_of(status)).at(1),
              AllOf(HasSubstr("  paused  "), HasSubstr("the queue is moved")));
  status.pause.reason.clear();
  EXPECT_THAT(rows_of(text_of(status)).at(1), HasSubstr("by root"));
  status.on_probation = true;
  EXPECT_THAT(rows_of(text_of(status)).at(1), HasSubstr("by root, on probation"));
}

TEST(ctl_status, shows_a_blocked_build_and_why) {
  auto status = sweeper();
  status.state = runner::scanner_state::stopped;
  status.blocked = true;
  status.last_error = "it crashed";
  EXPECT_THAT(rows_of(text_of(status)).at(1), HasSubstr("sweeper  blocked  "));
  EXPECT_THAT(text_of(status),
              HasSubstr("\nnot ready: sweeper is not started, since its build is blocked: it crashed\n"));
}

TEST(ctl_status, says_the_last_error_of_a_scanner_that_was_restarted) {
  auto status = sweeper();
  status.state = runner::scanner_state::waiting;
  status.store.state = store::connection_state::up;
  status.restarts = 2;
  status.last_error = "it threw";
  EXPECT_THAT(rows_of(text_of(status)).at(1), HasSubstr("2 restarts: it threw"));
  EXPECT_THAT(details_of(status), HasSubstr("\nrestarts        2, last error: it threw\n"));
}

TEST(ctl_status, scanners_that_are_not_ready_for_the_same_reason_share_a_line) {
  auto status = sweeper();
  status.state = runner::scanner_state::waiting;
  status.store.state = store::connection_state::down;
  auto other = status;
  other.name = "other";
  const auto text =
      status_text(admin::status_json({status, other}, admin::command_access::none, {}, running_host()), {})
          .value();
  EXPECT_THAT(text, HasSubstr("\nnot ready: each of sweeper, other has no connection to the store\n"));
}

TEST(ctl_status, colours_what_is_wrong_when_asked) {
  status_view view;
  EXPECT_THAT(text_of(sweeper(), view), Not(HasSubstr("\x1b")));
  view.colors = true;
  EXPECT_THAT(text_of(sweeper(), view), HasSubstr("sweeper  \x1b[1;31mbacking off\x1b[m  "));
  auto waiting = sweeper();
  waiting.state = runner::scanner_state::waiting;
  waiting.paused = true;
  EXPECT_THAT(text_of(waiting, view), HasSubstr("sweeper  \x1b[33mpaused\x1b[m  "));
}

TEST(ctl_status, has_all_that_is_known_of_one_scanner) {
  auto status = sweeper();
  status.plugin = "sweep";
  status.plugin_version = "1.1.0";
  status.interval = base::milliseconds(1500);
  status.next_cycle = base::timestamp(base::milliseconds(1'700'011'522'500));
  const auto text = details_of(status);
  for (const char* line :
       {"\nscanner         sweeper\n", "\nplugin          sweep 1.1.0\n", "\nstate           backing off\n",
        "\ngeneration      3, build 0123456789ab, since 2023-11-14T22:13:20Z\n", "\nlast cycle      -\n",
        "\nnext cycle      2023-11-15T01:25:22Z, in 2s\n", "\ninterval        1500ms\n",
        "\ncycles          12 completed\n",
        "\ntotals          processed 100, unchanged 0, errors 7, skipped 0, beyond its turns 0\n",
        "\noldest overdue  -\n", "\nback-off        0 items\n",
        "\ncpu             1.3% of a core, 0.0s in all\n", "\nmemory          23.1 MiB\n",
        "\nlog level       that of the host\n"})
    EXPECT_THAT(text, HasSubstr(line));
  EXPECT_THAT(text, Not(HasSubstr("SCANNER")));
}

TEST(ctl_status, has_a_dash_for_what_is_not_there_yet) {
  auto status = sweeper();
  status.since = {};
  status.sha256 = "";
  status.memory_bytes.reset();
  const auto text = details_of(status);
  EXPECT_THAT(text, HasSubstr("\ngeneration      3, build -, since -\n"));
  EXPECT_THAT(text, HasSubstr("\nnext cycle      -\n"));
  EXPECT_THAT(text, HasSubstr("\nmemory          -\n"));
}

TEST(ctl_status, a_dry_run_cannot_be_overlooked) {
  auto status = sweeper();
  status.state = runner::scanner_state::waiting;
  status.dry_run = true;
  status.held_back = 12;
  EXPECT_THAT(text_of(status), HasSubstr("DRY RUN"));
  EXPECT_THAT(text_of(status), HasSubstr("\nsweeper runs dry: held back commands=12\n"));
}

TEST(ctl_status, tells_the_limit_of_a_scanner) {
  auto status = sweeper();
  EXPECT_THAT(details_of(status), HasSubstr("\nlimit           none\n"));
  auto& rate = status.store.rate.emplace();
  rate.commands_per_s = 420;
  EXPECT_THAT(details_of(status), HasSubstr("\nlimit           420/s\n"));
  rate.target_latency = std::chrono::microseconds(2000);
  rate.waiting = 1;
  EXPECT_THAT(details_of(status),
              HasSubstr("\nlimit           420/s, latency not measured of 2ms, 1 command waits\n"));
  rate.latency = std::chrono::microseconds(355);
  rate.waiting = 35;
  EXPECT_THAT(details_of(status),
              HasSubstr("\nlimit           420/s, latency 0.355ms of 2ms, 35 commands wait\n"));
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
  EXPECT_THAT(text_of(status), HasSubstr("sweeper  no functions  "));
  EXPECT_THAT(text_of(status), HasSubstr("\nsweeper waits for the function f of the library 'x'\n"));
}

TEST(ctl_status, shows_generations_that_are_stuck_beside_the_one_that_runs) {
  auto status = sweeper();
  status.state = runner::scanner_state::waiting;
  status.stuck_generations = 1;
  EXPECT_THAT(text_of(status), HasSubstr("  1 stuck generation, "));
  status.stuck_generations = 2;
  EXPECT_THAT(text_of(status), HasSubstr("  2 stuck generations, "));
}

TEST(ctl_status, shows_who_has_a_log_level_of_its_own) {
  auto status = sweeper();
  status.log_level = base::severity::debug;
  EXPECT_THAT(text_of(status), HasSubstr("  log level debug, "));
}

TEST(ctl_status, shows_who_acted_beyond_its_turns_in_the_last_cycle) {
  auto status = sweeper();
  status.last_cycle.emplace();
  EXPECT_THAT(text_of(status), Not(HasSubstr("beyond")));
  status.last_cycle->counts.beyond_allowance = 1;
  EXPECT_THAT(text_of(status), HasSubstr("  beyond its turns, "));
}

TEST(ctl_status, shows_whose_memory_grows) {
  auto status = sweeper();
  status.memory_growth = runner::steady_growth{1 << 25, 30, base::milliseconds(45'000)};
  EXPECT_THAT(text_of(status), HasSubstr("  memory grows, "));
}

TEST(ctl_status, adds_the_history_when_asked) {
  auto status = sweeper();
  status.history = {
      {1, "aaaaaaaaaaaaaaaaaaaa", "1.0.0", base::timestamp(base::milliseconds(1000)), "started", ""},
      {2, "bbbbbbbbbbbbbbbbbbbb", "1.1.0", base::timestamp(base::milliseconds(2000)), "reloaded",
       "it changed"}};
  EXPECT_THAT(text_of(status), Not(HasSubstr("OUTCOME")));
  EXPECT_THAT(text_of(status, with_history),
              HasSubstr("\n\n"
                        "SCANNER  WHEN                  GEN  OUTCOME   BUILD         VERSION  REASON\n"
                        "sweeper  1970-01-01T00:00:01Z    1  started   aaaaaaaaaaaa    1.0.0\n"
                        "sweeper  1970-01-01T00:00:02Z    2  reloaded  bbbbbbbbbbbb    1.1.0  it changed\n"));
}

TEST(ctl_status, lets_no_text_move_the_cursor_or_break_a_row) {
  auto status = sweeper();
  status.history = {{1, "a", "1", {}, "refused", "two\nlines \x1b[2J"}};
  EXPECT_THAT(text_of(status, with_history), HasSubstr("two; lines \\x1b[2J\n"));
}

TEST(ctl_status, says_so_when_the_json_is_of_another_version) {
  for (const char* text :
       {"", "{}", "[]", R"({"scanners":[{"name":"a"}]})", R"({"scanners":[{"name":1}]})"}) {
    const auto result = status_text(text, with_history);
    ASSERT_FALSE(result) << text;
    EXPECT_EQ(result.error().code, base::errc::data);
  }
}

}  // namespace
}  // namespace scanhost::commands
