// SPDX-License-Identifier: Apache-2.0
//
// From requests to answers.
#include "admin/routes.hpp"

#include <gmock/gmock.h>

#include "admin/commands.hpp"
#include "unit/admin/statuses.hpp"

namespace scanhost::admin {
namespace {

using testing::HasSubstr;
using testing::Not;

sources example() {
  return {[] { return std::string("a_total 1\n"); }, [] { return std::vector{ready_scanner()}; },
          [] { return std::string(); }};
}

request get(std::string_view target) { return {"GET", target, {"127.0.0.1:9464"}, true}; }

answer ask(const request& asked) { return route(asked, example(), {"ops.example.org"}); }

TEST(routes, serves_metrics_in_their_format) {
  const auto answer = ask(get("/metrics"));
  EXPECT_EQ(answer.status, 200u);
  EXPECT_EQ(answer.content_type, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(answer.body, "a_total 1\n");
}

TEST(routes, serves_health_status_and_page) {
  EXPECT_EQ(ask(get("/healthz")).body, "ok\n");
  EXPECT_EQ(ask(get("/readyz")).body, "ready\n");
  EXPECT_THAT(ask(get("/status.json")).body, HasSubstr("\"name\":\"sweeper\""));
  EXPECT_THAT(ask(get("/")).body, HasSubstr("<!doctype html>"));
}

TEST(routes, gives_the_status_of_one_scanner) {
  auto from = example();
  from.statuses = [] { return std::vector{ready_scanner("sweeper"), ready_scanner("sweeper@acme")}; };
  const auto answer = route(get("/status.json/sweeper%40acme"), from, {});
  EXPECT_EQ(answer.status, 200u);
  EXPECT_THAT(answer.body, HasSubstr("\"name\":\"sweeper@acme\""));
  EXPECT_THAT(answer.body, Not(HasSubstr("\"name\":\"sweeper\"")));
}

TEST(routes, suggests_the_scanner_whose_status_was_meant) {
  const auto answer = ask(get("/status.json/sweepr"));
  EXPECT_EQ(answer.status, 404u);
  EXPECT_EQ(answer.body, "sweepr: no such scanner; did you mean 'sweeper'?\n");
  EXPECT_EQ(ask(get("/status.json/")).status, 404u);
}

TEST(routes, gives_the_reason_against_a_configuration_to_its_owner_alone) {
  auto from = example();
  from.host = [] {
    host_facts facts;
    facts.configuration = {base::timestamp(base::milliseconds(1)), base::timestamp(base::milliseconds(2)),
                           "options.who: found 'me'"};
    return facts;
  };
  auto asked = get("/status.json");
  EXPECT_THAT(route(asked, from, {}).body, HasSubstr("\"refused_ms\":2,\"reason\":null"));
  asked.from = peer::owner;
  EXPECT_THAT(route(asked, from, {}).body, HasSubstr("found 'me'"));
}

TEST(routes, says_503_and_why_when_not_ready) {
  auto from = example();
  from.not_ready = [] { return std::string("waiting for the store"); };
  const auto answer = route(get("/readyz"), from, {});
  EXPECT_EQ(answer.status, 503u);
  EXPECT_EQ(answer.body, "not ready\nwaiting for the store\n");
}

TEST(routes, knows_nothing_else) {
  for (const char* target : {"/metrics/", "//metrics", "/../etc/passwd", "/%6detrics", "/Metrics", "/status"})
    EXPECT_EQ(ask(get(target)).status, 404u) << target;
}

TEST(routes, pays_no_heed_to_a_query) { EXPECT_EQ(ask(get("/healthz?x=/../..")).status, 200u); }

TEST(routes, refuses_targets_that_are_no_paths) {
  for (const char* target : {"*", "http://127.0.0.1/metrics", ""})
    EXPECT_EQ(ask(get(target)).status, 400u) << target;
}

TEST(routes, allows_get_and_head_alone) {
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "BREW"}) {
    auto asked = get("/metrics");
    asked.method = method;
    const auto answer = ask(asked);
    EXPECT_EQ(answer.status, 405u) << method;
    EXPECT_EQ(answer.allow, "GET, HEAD");
  }
  auto head = get("/metrics");
  head.method = "HEAD";
  EXPECT_EQ(ask(head).status, 200u);
}

TEST(routes, answers_to_no_name_that_was_not_configured) {
  auto asked = get("/metrics");
  asked.hosts = {"evil.example"};
  EXPECT_EQ(ask(asked).status, 403u);
  EXPECT_THAT(ask(asked).body, HasSubstr("admin.host_names"));
  asked.hosts = {"ops.example.org"};
  EXPECT_EQ(ask(asked).status, 200u);
}

// With its handler, which route() itself never calls.
sources in_control() {
  auto from = example();
  from.control = [](const control_request&, const on_answer&) { FAIL() << "route() called the handler"; };
  return from;
}

request post(std::string_view target) {
  auto asked = get(target);
  asked.method = "POST";
  asked.marks = {"1"};
  return asked;
}

TEST(routes, hands_on_what_a_button_asks_for) {
  for (const auto& command : commands()) {
    if (command.on_page == button::none) continue;
    const auto target = std::string(command.target) + "/sweeper";
    const auto answer = route(post(target), in_control(), {});
    ASSERT_TRUE(answer.control) << command.name;
    EXPECT_EQ(*answer.control, (control_request{std::string(command.name), {"sweeper"}}));
  }
}

TEST(routes, hand_on_which_item_is_to_be_retried) {
  const auto answer = route(post("/control/retry/sweeper/a%2Fb%20c"), in_control(), {});
  ASSERT_TRUE(answer.control) << answer.body;
  EXPECT_EQ(*answer.control, (control_request{"retry", {"sweeper", "a/b c"}}));
  EXPECT_EQ(route(post("/control/retry/other/item"), in_control(), {}).status, 404u);
  EXPECT_EQ(route(post("/control/retry/sweeper/one/two"), in_control(), {}).status, 404u);
}

TEST(routes, hand_on_which_build_is_to_be_released) {
  const auto answer = route(post("/control/release/0123456789abcdef"), in_control(), {});
  ASSERT_TRUE(answer.control) << answer.body;
  EXPECT_EQ(*answer.control, (control_request{"release", {"0123456789abcdef"}}));
  EXPECT_EQ(route(post("/control/release/01234567/89abcdef"), in_control(), {}).status, 404u);
}

request by_owner(request asked) {
  asked.from = peer::owner;
  return asked;
}

TEST(routes, hands_on_every_command_of_the_owner_with_its_arguments) {
  for (const auto& command : commands()) {
    if (command.perform == nullptr || command.name == "explain") continue;  // a question
    const auto target = std::string(command.target) + "/a/b@c";
    auto asked = by_owner(post(target));
    asked.method = command.method;
    const auto answer = route(asked, in_control(), {});
    ASSERT_TRUE(answer.control) << command.name;
    EXPECT_EQ(*answer.control, (control_request{std::string(command.name), {"a", "b@c"}}));
    asked.target = command.target;
    EXPECT_EQ(route(asked, in_control(), {}).control->arguments, std::vector<std::string>{});
  }
}

TEST(routes, does_not_take_an_empty_name_for_none) {
  EXPECT_EQ(route(by_owner(post("/control/pause/")), in_control(), {}).control->arguments,
            std::vector<std::string>{""});
}

TEST(routes, lets_the_owner_change_nothing_without_the_header) {
  auto asked = by_owner(post("/control/pause"));
  asked.marks = {};
  const auto answer = route(asked, in_control(), {});
  EXPECT_EQ(answer.status, 403u);
  EXPECT_FALSE(answer.control);
}

TEST(routes, changes_nothing_by_get) {
  for (const auto& command : commands()) {
    auto asked = by_owner(get(command.target));
    asked.marks = {"1"};
    const auto answer = route(asked, in_control(), {});
    if (command.name == "explain") continue;  // its path needs an item
    const bool answers = command.name == "status" || command.name == "failures";
    const bool reads = answers || command.name == "plan" || command.name == "blocked";
    EXPECT_EQ(answer.status, reads ? 200u : 405u) << command.name;
    EXPECT_EQ(answer.control.has_value(), reads && !answers) << command.name;
  }
}

TEST(routes, gives_anybody_one_scanner_and_no_more) {
  for (const char* target : {"/control/pause", "/control/reload", "/control/release", "/control/retry",
                             "/control/log-level/sweeper/debug"}) {
    const auto answer = route(post(target), in_control(), {});
    EXPECT_EQ(answer.status, 403u) << target;
    EXPECT_FALSE(answer.control);
    EXPECT_THAT(answer.body, HasSubstr("over the control socket only"));
  }
  for (const char* target : {"/control/plan", "/control/blocked"}) {
    const auto answer = route(get(target), in_control(), {});
    EXPECT_EQ(answer.status, 403u) << target;
    EXPECT_FALSE(answer.control);
  }
  EXPECT_EQ(route(post("/control/pause/sweeper/sweeper"), in_control(), {}).status, 404u);
}

TEST(routes, hands_on_nothing_that_another_web_site_could_have_sent) {
  using marks = std::vector<std::string_view>;
  for (const auto& wrong : {marks{}, marks{""}, marks{"0"}, marks{"1", "1"}}) {
    auto asked = post("/control/pause/sweeper");
    asked.marks = wrong;
    const auto answer = route(asked, in_control(), {});
    EXPECT_EQ(answer.status, 403u);
    EXPECT_FALSE(answer.control);
    EXPECT_THAT(answer.body, HasSubstr("X-Scanhost"));
  }
}

TEST(routes, hands_on_nothing_for_a_foreign_name_or_none) {
  auto asked = post("/control/pause/sweeper");
  asked.hosts = {"evil.example"};
  EXPECT_EQ(route(asked, in_control(), {}).status, 403u);
  EXPECT_FALSE(route(asked, in_control(), {}).control);
  asked.hosts = {};
  asked.needs_host = false;
  EXPECT_EQ(route(asked, in_control(), {}).status, 403u);
  EXPECT_FALSE(route(asked, in_control(), {}).control);
}

TEST(routes, controls_by_post_alone) {
  for (const char* method : {"GET", "HEAD", "PUT", "DELETE", "OPTIONS", "post"}) {
    auto asked = post("/control/pause/sweeper");
    asked.method = method;
    const auto answer = route(asked, in_control(), {});
    EXPECT_EQ(answer.status, 405u) << method;
    EXPECT_EQ(answer.allow, "POST");
    EXPECT_FALSE(answer.control);
  }
}

TEST(routes, controls_nothing_without_leave) {
  const auto answer = route(post("/control/pause/sweeper"), example(), {});
  EXPECT_EQ(answer.status, 403u);
  EXPECT_THAT(answer.body, HasSubstr("admin.control"));
}

TEST(routes, controls_no_scanner_that_is_not_there) {
  for (const char* target : {"/control/pause/other", "/control/pause/", "/control/pause/sweeper/",
                             "/control/pause//sweeper", "/control/reload/%73weeper"}) {
    const auto answer = route(post(target), in_control(), {});
    EXPECT_EQ(answer.status, 404u) << target;
    EXPECT_FALSE(answer.control);
  }
}

TEST(routes, hands_on_the_options_of_a_pause_and_who_asks) {
  auto asked = post("/control/pause/sweeper?for=2h&reason=the%20queue+is%20moved");
  asked.by = "the page (192.0.2.1)";
  const auto answer = route(asked, in_control(), {});
  ASSERT_TRUE(answer.control) << answer.body;
  EXPECT_EQ(
      *answer.control,
      (control_request{
          "pause", {"sweeper"}, {{"for", "2h"}, {"reason", "the queue is moved"}}, "the page (192.0.2.1)"}));
}

TEST(routes, refuses_parameters_that_a_command_does_not_have) {
  for (const char* target : {"/control/pause/sweeper?until=noon", "/control/resume/sweeper?for=2h",
                             "/control/pause/sweeper?for=2h&for=3h", "/control/pause/sweeper?for",
                             "/control/pause/sweeper?reason=%zz", "/control/pause/sweeper?x"}) {
    const auto answer = route(post(target), in_control(), {});
    EXPECT_EQ(answer.status, 400u) << target;
    EXPECT_FALSE(answer.control);
  }
  EXPECT_EQ(route(post("/control/pause/sweeper?until=noon"), in_control(), {}).body,
            "bad request: pause has no option 'until'; it has for, reason\n");
}

TEST(routes, asks_for_the_header_whatever_the_parameters_are) {
  auto asked = post("/control/pause/sweeper?for=2h");
  asked.marks = {};
  EXPECT_EQ(route(asked, in_control(), {}).status, 403u);
  EXPECT_EQ(route(post("/control/pause/other?for=2h"), in_control(), {}).status, 404u);
}

request as(role whom, request asked) {
  asked.as = whom;
  return asked;
}

TEST(routes, show_a_stranger_only_that_the_host_is_alive) {
  for (const char* target : {"/", "/healthz", "/readyz"})
    EXPECT_EQ(route(as(role::stranger, get(target)), in_control(), {}).status, 200u) << target;
  for (const char* target : {"/metrics", "/status.json", "/status.json/sweeper", "/failures.json",
                             "/history.json", "/nothing", "/healthz/", "//"}) {
    const auto answer = route(as(role::stranger, get(target)), in_control(), {});
    EXPECT_EQ(answer.status, 401u) << target;
    EXPECT_TRUE(answer.needs_token);
    EXPECT_THAT(answer.body, HasSubstr("admin.read_token_file"));
  }
}

TEST(routes, tell_a_stranger_no_reasons) {
  auto from = example();
  from.not_ready = [] { return std::string("waiting for the store"); };
  EXPECT_EQ(route(as(role::stranger, get("/readyz")), from, {}).body, "not ready\n");
  EXPECT_EQ(route(as(role::stranger, get("/readyz")), from, {}).status, 503u);
}

TEST(routes, hand_on_no_command_of_those_who_may_only_read) {
  for (const auto whom : {role::stranger, role::reader})
    for (const auto& command : commands()) {
      if (command.on_page == button::none) continue;
      for (const char* name : {"/sweeper", "/nobody"}) {
        const auto target = std::string(command.target) + name;
        const auto answer = route(as(whom, post(target)), in_control(), {});
        EXPECT_EQ(answer.status, 401u) << command.name;
        EXPECT_FALSE(answer.control);
        EXPECT_THAT(answer.body, HasSubstr("admin.operator_token_file"));
      }
    }
}

TEST(routes, ask_for_the_mark_of_the_page_in_spite_of_a_token) {
  auto asked = as(role::commander, post("/control/pause/sweeper"));
  asked.marks = {};
  EXPECT_EQ(route(asked, in_control(), {}).status, 403u);
}

TEST(routes, say_in_the_status_that_commands_need_a_token) {
  EXPECT_THAT(route(as(role::reader, get("/status.json")), in_control(), {}).body,
              HasSubstr("\"control\":false,\"needs_token\":true"));
  EXPECT_THAT(route(as(role::reader, get("/status.json")), example(), {}).body,
              HasSubstr("\"control\":false,\"needs_token\":false"));
}

TEST(routes, knows_no_other_commands) {
  for (const char* target : {"/control/status", "/control/stop/sweeper", "/control/", "/control//sweeper"}) {
    const auto answer = route(post(target), in_control(), {});
    EXPECT_EQ(answer.status, 404u) << target;
    EXPECT_FALSE(answer.control);
  }
}

TEST(routes, says_in_the_status_whether_the_page_has_buttons) {
  EXPECT_THAT(route(get("/status.json"), in_control(), {}).body, HasSubstr("\"control\":true"));
  EXPECT_THAT(route(get("/status.json"), example(), {}).body, HasSubstr("\"control\":false"));
}

TEST(routes, tells_what_came_of_it) {
  const auto done = answer_of({base::exit_code::ok, "paused \"sweeper\"", "{}"});
  EXPECT_EQ(done.status, 200u);
  EXPECT_EQ(done.content_type, "application/json");
  EXPECT_EQ(done.body, "{\"ok\":true,\"exit_code\":0,\"message\":\"paused \\\"sweeper\\\"\",\"data\":{}}\n");
  EXPECT_EQ(answer_of({base::exit_code::failed, "no", ""}).status, 409u);
  EXPECT_EQ(answer_of({base::exit_code::unavailable, "no", ""}).status, 503u);
  EXPECT_EQ(answer_of({base::exit_code::software, "no", ""}).status, 500u);
  EXPECT_THAT(answer_of({base::exit_code::usage, "no", ""}).body, HasSubstr("\"ok\":false"));
}

TEST(routes, wants_one_host_header) {
  auto asked = get("/metrics");
  asked.hosts = {};
  EXPECT_EQ(ask(asked).status, 400u);
  asked.needs_host = false;
  EXPECT_EQ(ask(asked).status, 200u);
  asked.hosts = {"127.0.0.1", "evil.example"};
  EXPECT_EQ(ask(asked).status, 400u);
}

// --- failures

sources with_failures() {
  auto from = example();
  from.failures = [](std::string_view scanner, std::size_t max_items) -> base::result<runner::failure_list> {
    if (scanner == "nobody") return base::fail(base::errc::usage, "nobody: no such scanner");
    runner::failure_list list;
    auto& failing = list.items.emplace_back();
    failing.scanner = scanner;
    failing.item = std::to_string(max_items);
    return list;
  };
  return from;
}

TEST(routes, lists_failures_of_a_scanner_or_of_all) {
  EXPECT_THAT(route(get("/failures.json"), with_failures(), {}).body,
              HasSubstr("\"scanner\":\"\",\"partition\":\"\",\"item\":\"100\""));
  EXPECT_THAT(route(get("/failures.json/sweep%65r?limit=7"), with_failures(), {}).body,
              HasSubstr("\"scanner\":\"sweeper\",\"partition\":\"\",\"item\":\"7\""));
}

TEST(routes, refuse_lists_of_failures_that_cannot_be) {
  for (const char* limit : {"0", "1001", "-1", "many", ""}) {
    const auto target = std::string("/failures.json?limit=") + limit;
    EXPECT_EQ(route(get(target), with_failures(), {}).status, 400u) << limit;
  }
  EXPECT_EQ(route(get("/failures.json?until=noon"), with_failures(), {}).status, 400u);
  EXPECT_EQ(route(get("/failures.json/nobody"), with_failures(), {}).status, 404u);
  EXPECT_EQ(route(get("/failures.jsonx"), with_failures(), {}).status, 404u);
}

// --- explanations

sources with_questions() {
  auto from = example();
  from.questions = [](const control_request&, const on_answer&) {};
  return from;
}

TEST(routes, pass_questions_about_items_on) {
  const auto answer = route(get("/explain.json/%7Bfp:1%7D%2Fa%00b?scanner=sweeper"), with_questions(), {});
  ASSERT_TRUE(answer.question);
  EXPECT_FALSE(answer.control);
  EXPECT_EQ(answer.question->command, "explain");
  EXPECT_EQ(answer.question->arguments, (std::vector<std::string>{std::string("{fp:1}/a\0b", 10)}));
  EXPECT_EQ(answer.question->options, (std::map<std::string, std::string>{{"scanner", "sweeper"}}));
}

TEST(routes, refuse_questions_that_cannot_be) {
  EXPECT_EQ(route(get("/explain.json"), with_questions(), {}).status, 404u);
  EXPECT_EQ(route(get("/explain.json/a?limit=1"), with_questions(), {}).status, 400u);
  EXPECT_EQ(route(get("/explain.json/a%zz"), with_questions(), {}).status, 400u);
  EXPECT_EQ(route(post("/explain.json/a"), with_questions(), {}).status, 405u);
  EXPECT_EQ(route(get("/explain.json/a"), example(), {}).status, 503u);
}

TEST(routes, answer_questions_with_their_data_or_the_reason_alone) {
  const auto fine = answer_to_question({base::exit_code::ok, {}, "{}\n"});
  EXPECT_EQ(fine.status, 200u);
  EXPECT_EQ(fine.body, "{}\n");
  const auto refusal = answer_to_question({base::exit_code::usage, "nobody: no such scanner", {}});
  EXPECT_EQ(refusal.status, 400u);
  EXPECT_EQ(refusal.body, "nobody: no such scanner\n");
}

// --- history

TEST(routes, give_the_last_hour_of_a_scanner_or_of_all) {
  history hour;
  hour.add({{"sweeper", {}, {}, 7, {}}, {"other", {}, {}, 8, {}}}, {}, {});
  auto from = example();
  from.history = &hour;
  EXPECT_THAT(route(get("/history.json"), from, {}).body,
              testing::AllOf(HasSubstr("\"backlog\":[7]"), HasSubstr("\"backlog\":[8]")));
  const auto answer = route(get("/history.json/sweep%65r"), from, {});
  EXPECT_EQ(answer.content_type, "application/json");
  EXPECT_THAT(answer.body, testing::AllOf(HasSubstr("\"backlog\":[7]"), Not(HasSubstr("[8]"))));
}

TEST(routes, refuse_the_history_of_what_is_no_scanner) {
  for (const char* target : {"/history.json/nobody", "/history.json/", "/history.jsonx"})
    EXPECT_EQ(ask(get(target)).status, 404u) << target;
  EXPECT_EQ(ask(get("/history.json/%zz")).status, 400u);
}

TEST(routes, give_an_empty_history_before_the_first_point) {
  EXPECT_THAT(ask(get("/history.json")).body, HasSubstr("\"at_ms\":[],\"scanners\":[]"));
}

// --- other hosts

TEST(routes, give_what_other_hosts_say_of_themselves) {
  auto from = example();
  EXPECT_EQ(route(get("/peers.json"), from, {}).body, "{\"version\":1,\"peers\":[]}\n");
  from.peers = [] { return std::string("{\"peers\":[7]}\n"); };
  EXPECT_EQ(route(get("/peers.json"), from, {}).body, "{\"peers\":[7]}\n");
  EXPECT_EQ(route(as(role::stranger, get("/peers.json")), from, {}).status, 401u);
}

}  // namespace
}  // namespace scanhost::admin
