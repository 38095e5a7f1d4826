// SPDX-License-Identifier: Apache-2.0
//
// Which changes a reload makes.
#include "reload/changes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace scanhost::reload {
namespace {

using plan::scanner_plan;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr auto old_build = "12ab34cd5678aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
constexpr auto new_build = "ffee00112233bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

config::option option(const char* name, config::option_type type) {
  config::option result;
  result.name = name;
  result.type = type;
  return result;
}

scanner_plan plan(const std::string& name) {
  scanner_plan result;
  result.settings.name = name;
  result.settings.plugin = "sweep";
  result.settings.interval = base::milliseconds(1500);
  result.settings.options = {{"namespaces", std::vector<std::string>{"default"}}};
  result.plugin.sha256 = old_build;
  result.plugin.description.version = "1.0.0";
  result.plugin.description.options = {
      option("namespaces", config::option_type::text_list), option("age", config::option_type::duration),
      option("most", config::option_type::size), option("repair", config::option_type::flag),
      option("prefix", config::option_type::text)};
  result.partition_counts = {{"shards", 16}};
  return result;
}

change change_by(const std::function<void(scanner_plan&)>& edit) {
  auto desired = plan("sweep");
  edit(desired);
  return find_changes({plan("sweep")}, {desired}).front();
}

// The reasons that an edit of a plan leads to.
std::vector<std::string> reasons(const std::function<void(scanner_plan&)>& edit) {
  auto desired = plan("sweep");
  edit(desired);
  const auto found = find_changes({plan("sweep")}, {desired});
  EXPECT_EQ(found.front().kind,
            found.front().reasons.empty() ? change_kind::unchanged : change_kind::replaced);
  return found.front().reasons;
}

TEST(changes, are_none_when_nothing_differs) {
  EXPECT_THAT(reasons([](auto&) {}), IsEmpty());
}

TEST(changes, tell_what_was_added_and_removed) {
  const auto found = find_changes({plan("a"), plan("b")}, {plan("b"), plan("c")});
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].scanner + " " + std::string(to_text(found[0].kind)), "b unchanged");
  EXPECT_EQ(found[1].scanner + " " + std::string(to_text(found[1].kind)), "c added");
  EXPECT_EQ(found[2].scanner + " " + std::string(to_text(found[2].kind)), "a removed");
}

TEST(changes, name_a_new_build_and_its_version) {
  EXPECT_THAT(reasons([](auto& desired) {
                desired.plugin.sha256 = new_build;
                desired.plugin.description.version = "1.1.0";
              }),
              ElementsAre("build 12ab34cd5678 -> ffee00112233", "version 1.0.0 -> 1.1.0"));
}

TEST(changes, name_every_setting_of_a_scanner) {
  using namespace std::chrono_literals;
  EXPECT_THAT(reasons([](auto& desired) {
                auto& settings = desired.settings;
                settings.plugin = "broom";
                settings.interval = 750ms;
                settings.drain = false;
                settings.page_size = 7;
                settings.budget = {5, 2s, 3};
                settings.concurrency = 4;
                settings.scan_timeout = 1s;
                settings.hang_timeout = 2s;
                settings.drain_timeout = 3s;
                settings.unload = config::unload_policy::never;
                settings.reload = config::reload_policy::rolling;
                settings.sha256 = new_build;
              }),
              ElementsAre("plugin sweep -> broom", "interval 1500ms -> 750ms", "drain true -> false",
                          "page_size 0 -> 7", "budget.calls 100000 -> 5", "budget.time 5s -> 2s",
                          "budget.pages 20 -> 3", "concurrency 0 -> 4", "scan_timeout 1m -> 1s",
                          "hang_timeout 10s -> 2s", "drain_timeout 10s -> 3s", "unload normal -> never",
                          "reload together -> rolling", "sha256 (none) -> ffee00112233"));
}

void change_every_type(scanner_plan& desired) {
  auto& options = desired.settings.options;
  options["namespaces"] = std::vector<std::string>{"default", "gpu"};
  options["age"] = std::int64_t{60'000};
  options["most"] = std::int64_t{65'536};
  options["repair"] = std::int64_t{1};
  options["prefix"] = std::string("a b\n");
}

TEST(changes, name_options_without_their_values) {
  EXPECT_THAT(reasons(&change_every_type),
              ElementsAre("option age changed", "option most changed", "option namespaces changed",
                          "option prefix changed", "option repair changed"));
}

TEST(changes, show_options_as_they_would_stand_in_yaml_to_the_owner) {
  EXPECT_THAT(change_by(&change_every_type).details,
              ElementsAre("option age (none) -> 1m", "option most (none) -> 64KiB",
                          "option namespaces [default] -> [default, gpu]",
                          R"(option prefix (none) -> 'a b\x0a')", "option repair (none) -> true"));
}

TEST(changes, tell_an_option_that_went) {
  EXPECT_THAT(change_by([](auto& desired) { desired.settings.options.clear(); }).details,
              ElementsAre("option namespaces [default] -> (none)"));
}

TEST(changes, name_another_audit) {
  EXPECT_THAT(reasons([](auto& desired) { desired.settings.audit.file = "/var/log/audit"; }),
              ElementsAre("run.audit (none) -> /var/log/audit, 64MiB, 5 files"));
}

TEST(changes, name_another_rate_of_the_host) {
  EXPECT_THAT(reasons([](auto& desired) { desired.settings.host_rate.commands_per_s = 50; }),
              ElementsAre("run.rate (none) -> 50 commands/s"));
  EXPECT_THAT(reasons([](auto& desired) {
                desired.settings.host_rate.target_latency = std::chrono::microseconds(300);
              }),
              ElementsAre("run.rate (none) -> 300us, 100 to 100000 commands/s"));
}

TEST(changes, of_the_log_level_alone_let_the_generation_run_on) {
  const auto found = change_by([](auto& desired) { desired.settings.log_level = base::severity::debug; });
  EXPECT_EQ(found.kind, change_kind::adjusted);
  EXPECT_THAT(found.reasons, ElementsAre("log_level (none) -> debug"));
}

TEST(changes, of_the_log_level_and_something_else_replace_the_generation) {
  const auto found = change_by([](auto& desired) {
    desired.settings.log_level = base::severity::debug;
    desired.settings.page_size = 7;
  });
  EXPECT_EQ(found.kind, change_kind::replaced);
  EXPECT_EQ(found.reasons.size(), 2u);
}

TEST(changes, show_secret_options_to_nobody) {
  const auto found = change_by([](auto& desired) {
    desired.settings.secrets = {{"token", base::secret("hunter2")}};
  });
  EXPECT_THAT(found.reasons, ElementsAre("option token changed"));
  EXPECT_THAT(found.details, ElementsAre("option token changed"));
}

TEST(changes, are_none_when_a_secret_stays_the_same) {
  auto now = plan("sweep");
  now.settings.secrets = {{"token", base::secret("hunter2")}};
  EXPECT_EQ(find_changes({now}, {now}).front().kind, change_kind::unchanged);
}

TEST(changes, name_the_counts_of_partitions) {
  EXPECT_THAT(reasons([](auto& desired) {
                desired.partition_counts = {{"shards", 32}, {"more", 1}};
              }),
              ElementsAre("partitions more (none) -> 1", "partitions shards 16 -> 32"));
}

TEST(changes, name_only_the_fields_of_a_store) {
  const auto found = reasons([](auto& desired) {
    desired.store.url = "valkey://elsewhere:1";
    desired.store.addresses = {{"elsewhere", 1}};
    desired.store.mode = config::store_mode::sentinel;
    desired.store.sentinel.password = base::secret("hunter2");
    desired.store.password = base::secret("hunter2");
    desired.store.tls.emplace();
    desired.store.username = "somebody";
    desired.store.connect_timeout = base::milliseconds(1);
    desired.store.command_timeout = base::milliseconds(1);
    desired.store.max_in_flight = 1;
  });
  EXPECT_THAT(
      found,
      ElementsAre(
          "store: url, addresses, mode, sentinel, tls, username, password, connect_timeout, command_timeout, max_in_flight"));
}

TEST(changes, see_new_contents_of_the_files_of_tls) {
  EXPECT_THAT(reasons([](auto& desired) { desired.store.tls_fingerprint = "another"; }),
              ElementsAre("store: tls"));
}

TEST(changes, see_a_new_database_of_the_same_server) {
  EXPECT_THAT(reasons([](auto& desired) { desired.store.database = 3; }), ElementsAre("store: url"));
}

TEST(changes, tell_what_needs_a_restart) {
  config::settings now;
  auto desired = now;
  EXPECT_THAT(find_restart_needs(now, desired), IsEmpty());
  desired.admin.port = 9465;
  desired.admin.host_names = {"sweeper.example"};
  desired.admin.control = false;
  desired.admin.socket_configured = true;
  desired.admin.socket = "/run/x.sock";
  desired.admin.read_token_file = "/etc/r";
  desired.admin.operator_token_file = "/etc/o";
  desired.admin.peers = {{"10.0.0.2", 9464}};
  desired.plugins.staging = "/srv/staging";
  desired.plugins.watch = false;
  EXPECT_THAT(
      find_restart_needs(now, desired),
      ElementsAre("admin.listen 127.0.0.1:9464 -> 127.0.0.1:9465", "admin.host_names [] -> [sweeper.example]",
                  "admin.control true -> false", "admin.socket (default) -> /run/x.sock",
                  "admin.read_token_file (none) -> /etc/r", "admin.operator_token_file (none) -> /etc/o",
                  "admin.peers (none) -> ['10.0.0.2:9464']", "plugins.staging (default) -> /srv/staging",
                  "plugins.watch true -> false"));
  EXPECT_THAT(keys_of(find_restart_needs(now, desired)),
              ElementsAre("admin.listen", "admin.host_names", "admin.control", "admin.socket",
                          "admin.read_token_file", "admin.operator_token_file", "admin.peers",
                          "plugins.staging", "plugins.watch"));
}

TEST(changes, take_a_switched_off_endpoint_for_a_restart_too) {
  config::settings now;
  auto desired = now;
  desired.admin.enabled = false;
  desired.admin.socket_enabled = false;
  EXPECT_THAT(find_restart_needs(now, desired),
              ElementsAre("admin.listen 127.0.0.1:9464 -> (none)", "admin.socket (default) -> (none)"));
}

TEST(changes_text, lines_up_what_changes_and_counts_the_rest) {
  const changes found{{{"a", change_kind::unchanged, {}, {}},
                       {"lease", change_kind::replaced, {}, {"interval 2s -> 1s", "drain true -> false"}},
                       {"b", change_kind::added, {}, {}},
                       {"c", change_kind::removed, {}, {}}},
                      {"admin.listen x -> y"}};
  EXPECT_EQ(to_text(found),
            "lease  replaced  interval 2s -> 1s\n"
            "                 drain true -> false\n"
            "b      added\n"
            "c      removed\n"
            "1 unchanged\n"
            "needs a restart of scanhost: admin.listen x -> y\n");
}

TEST(changes_text, says_which_scanners_will_wait) {
  const changes found{
      {{"a", change_kind::added, {}, {}}}, {}, {"a waits for the function f of the library 'x'"}};
  EXPECT_EQ(to_text(found), "a  added\na waits for the function f of the library 'x'\n");
}

TEST(changes_text, says_which_scanners_start_paused) {
  const changes found{{{"a", change_kind::added, {}, {}}}, {}, {}, {"a starts paused by root"}};
  EXPECT_EQ(to_text(found), "a  added\na starts paused by root\n");
}

TEST(changes_text, says_that_nothing_changes) {
  EXPECT_EQ(to_text({{{"a", change_kind::unchanged, {}, {}}}, {}}), "nothing changes\n1 unchanged\n");
}

TEST(changes_text, is_json_for_scripts) {
  EXPECT_EQ(
      to_json({{{"a", change_kind::replaced, {"x"}, {"x"}}}, {"y"}, {}, {"a starts paused"}}),
      R"({"scanners":[{"scanner":"a","kind":"replaced","reasons":["x"]}],"need_restart":["y"],"waits":[],"pauses":["a starts paused"]})"
      "\n");
}

TEST(changes_text, replaces_in_json_what_is_no_utf8) {
  EXPECT_THAT(to_json({{{"a", change_kind::replaced, {}, {"\xff"}}}, {}}), Not(HasSubstr("\xff")));
}

}  // namespace
}  // namespace scanhost::reload
