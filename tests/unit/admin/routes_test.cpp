// SPDX-License-Identifier: Apache-2.0
//
// From requests to answers.
#include "admin/routes.hpp"

#include <gmock/gmock.h>

#include "unit/admin/statuses.hpp"

namespace scanhost::admin {
namespace {

using testing::HasSubstr;

sources example() {
  return {[] { return std::string("a_total 1\n"); }, [] { return std::vector{ready_scanner()}; },
          [] { return std::string(); }};
}

request get(std::string_view target) { return {"GET", target, {"127.0.0.1:9464"}, true}; }

answer ask(const request& asked) { return route(asked, example(), {"ops.example.org"}); }

TEST(routes, serves_metrics_in_their_format) {
  const auto said = ask(get("/metrics"));
  EXPECT_EQ(said.status, 200u);
  EXPECT_EQ(said.content_type, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(said.body, "a_total 1\n");
}

TEST(routes, serves_health_status_and_page) {
  EXPECT_EQ(ask(get("/healthz")).body, "ok\n");
  EXPECT_EQ(ask(get("/readyz")).body, "ready\n");
  EXPECT_THAT(ask(get("/status.json")).body, HasSubstr("\"name\":\"sweeper\""));
  EXPECT_THAT(ask(get("/")).body, HasSubstr("<!doctype html>"));
}

TEST(routes, says_503_and_why_when_not_ready) {
  auto from = example();
  from.not_ready = [] { return std::string("waiting for the store"); };
  const auto said = route(get("/readyz"), from, {});
  EXPECT_EQ(said.status, 503u);
  EXPECT_EQ(said.body, "not ready\nwaiting for the store\n");
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
    const auto said = ask(asked);
    EXPECT_EQ(said.status, 405u) << method;
    EXPECT_TRUE(said.allow_methods);
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

TEST(routes, wants_one_host_header) {
  auto asked = get("/metrics");
  asked.hosts = {};
  EXPECT_EQ(ask(asked).status, 400u);
  asked.needs_host = false;
  EXPECT_EQ(ask(asked).status, 200u);
  asked.hosts = {"127.0.0.1", "evil.example"};
  EXPECT_EQ(ask(asked).status, 400u);
}

}  // namespace
}  // namespace scanhost::admin
