// SPDX-License-Identifier: Apache-2.0
//
// The status as JSON.
#include "admin/status_json.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "unit/admin/statuses.hpp"

namespace scanhost::admin {
namespace {

using nlohmann::json;

TEST(status_json, has_everything_that_a_scanner_publishes) {
  auto status = ready_scanner();
  status.last_cycle = runner::cycle_report{{1, 2, 3, 4}, 5, std::chrono::microseconds(1500)};
  status.backlog = 5;
  status.oldest_overdue = base::milliseconds(70);
  status.totals = {10, 20, 30, 40};
  const auto scanner = json::parse(status_json({status}, command_access::none)).at("scanners").at(0);
  EXPECT_EQ(scanner.at("name"), "sweeper");
  EXPECT_EQ(scanner.at("state"), "waiting");
  EXPECT_EQ(scanner.at("interval_ms"), 1500);
  EXPECT_EQ(scanner.at("totals").at("skipped"), 40);
  EXPECT_EQ(scanner.at("last_cycle").at("processed"), 1);
  EXPECT_EQ(scanner.at("last_cycle").at("elapsed_ms"), 1.5);
  EXPECT_EQ(scanner.at("backlog"), 5);
  EXPECT_EQ(scanner.at("oldest_overdue_ms"), 70);
  EXPECT_EQ(scanner.at("store").at("state"), "up");
}

TEST(status_json, says_what_the_gate_kept_from_the_store) {
  auto status = ready_scanner();
  status.dry_run = true;
  status.held_back = 12;
  status.refused = 3;
  const auto scanner = json::parse(status_json({status}, command_access::none)).at("scanners").at(0);
  EXPECT_EQ(scanner.at("dry_run"), true);
  EXPECT_EQ(scanner.at("held_back"), 12);
  EXPECT_EQ(scanner.at("refused"), 3);
}

TEST(status_json, says_which_limit_holds) {
  auto status = ready_scanner();
  const auto limit = [&] {
    return json::parse(status_json({status}, command_access::none)).at("scanners").at(0).at("rate_limit");
  };
  EXPECT_TRUE(limit().is_null());
  status.store.rate.emplace();
  status.store.rate->commands_per_s = 420;
  status.store.rate->waiting = 35;
  status.store.rate->waited = base::milliseconds(1500);
  EXPECT_EQ(
      limit(),
      json::parse(
          R"({"commands_per_second": 420.0, "target_latency_ms": null, "latency_ms": null, "waiting": 35,
                    "waited_ms": 1500})"));
  status.store.rate->target_latency = std::chrono::microseconds(2000);
  status.store.rate->latency = std::chrono::microseconds(350);
  EXPECT_EQ(limit().at("target_latency_ms"), 2);
  EXPECT_EQ(limit().at("latency_ms"), 0.35);
}

TEST(status_json, tells_what_became_of_each_generation) {
  auto status = ready_scanner();
  status.since = base::timestamp(base::milliseconds(1'700'000'000'123));
  status.paused = true;
  status.on_probation = true;
  status.history = {
      {2, "ab12", "1.1.0", base::timestamp(base::milliseconds(5)), "reloaded", "the file changed"}};
  const auto scanner = json::parse(status_json({status}, command_access::none)).at("scanners").at(0);
  EXPECT_EQ(scanner.at("since_ms"), 1'700'000'000'123);
  EXPECT_EQ(scanner.at("paused"), true);
  EXPECT_EQ(scanner.at("probation"), true);
  const json change{{"generation", 2}, {"sha256", "ab12"},      {"version", "1.1.0"},
                    {"at_ms", 5},      {"outcome", "reloaded"}, {"reason", "the file changed"}};
  EXPECT_EQ(scanner.at("history"), json::array({change}));
}

TEST(status_json, says_who_paused_a_scanner_when_and_why) {
  auto status = ready_scanner();
  status.paused = true;
  status.pause = {"root", "the queue is moved", base::timestamp(base::milliseconds(5)),
                  base::timestamp(base::milliseconds(7005))};
  const auto pause = [&] {
    return json::parse(status_json({status}, command_access::none)).at("scanners").at(0).at("pause");
  };
  EXPECT_EQ(pause(),
            (json{{"by", "root"}, {"reason", "the queue is moved"}, {"at_ms", 5}, {"until_ms", 7005}}));
  status.pause.until.reset();
  EXPECT_TRUE(pause().at("until_ms").is_null());
}

TEST(status_json, says_null_for_what_is_not_known) {
  const auto scanner = json::parse(status_json({ready_scanner()}, command_access::none)).at("scanners").at(0);
  for (const char* key : {"last_cycle", "backlog", "oldest_overdue_ms", "since_ms", "memory_bytes",
                          "memory_growth", "log_level", "pause", "lateness_p99_ms"})
    EXPECT_TRUE(scanner.at(key).is_null()) << key;
}

TEST(status_json, says_what_a_scanner_costs) {
  auto status = ready_scanner();
  status.cpu_time = std::chrono::milliseconds(1250);
  status.cpu_usage = 0.02;
  status.memory_bytes = 24'000'000;
  status.memory_growth = runner::steady_growth{32'000, 32, base::milliseconds(48'000)};
  const auto scanner = json::parse(status_json({status}, command_access::none)).at("scanners").at(0);
  EXPECT_EQ(scanner.at("cpu_seconds"), 1.25);
  EXPECT_EQ(scanner.at("cpu_usage"), 0.02);
  EXPECT_EQ(scanner.at("memory_bytes"), 24'000'000);
  const json growth{{"bytes", 32'000}, {"cycles", 32}, {"bytes_per_cycle", 1000}, {"span_ms", 48'000}};
  EXPECT_EQ(scanner.at("memory_growth"), growth);
}

TEST(status_json, says_the_log_level_of_a_scanner_and_what_it_did_beyond_its_turns) {
  auto status = ready_scanner();
  status.log_level = base::severity::debug;
  status.totals.beyond_allowance = 7;
  const auto scanner = json::parse(status_json({status}, command_access::none)).at("scanners").at(0);
  EXPECT_EQ(scanner.at("log_level"), "debug");
  EXPECT_EQ(scanner.at("totals").at("beyond_allowance"), 7);
}

TEST(status_json, says_what_the_process_costs) {
  metrics::process_usage process;
  process.cpu_seconds = 2.5;
  process.resident_bytes = 30'000'000;
  const auto status = json::parse(status_json({}, command_access::none, process));
  EXPECT_EQ(status.at("process").at("cpu_seconds"), 2.5);
  EXPECT_EQ(status.at("process").at("resident_memory_bytes"), 30'000'000);
}

TEST(status_json, survives_errors_that_are_no_utf8) {
  auto status = ready_scanner();
  status.last_error = "caf\xe9 \"quoted\"\n";
  const auto text = json::parse(status_json({status}, command_access::none))
                        .at("scanners")
                        .at(0)
                        .at("last_error")
                        .get<std::string>();
  EXPECT_EQ(text, "caf\xef\xbf\xbd \"quoted\"\n");
}

TEST(status_json, says_when_the_last_cycle_ended_and_the_next_begins) {
  auto status = ready_scanner();
  status.last_cycle_at = base::timestamp(base::milliseconds(5000));
  status.next_cycle = base::timestamp(base::milliseconds(6500));
  const auto scanner = json::parse(status_json({status}, command_access::none)).at("scanners").at(0);
  EXPECT_EQ(scanner.at("last_cycle_at_ms"), 5000);
  EXPECT_EQ(scanner.at("next_cycle_ms"), 6500);
}

host_status example_host() {
  host_facts facts;
  facts.version = "1.2.3";
  facts.started = base::timestamp(base::milliseconds(1000));
  facts.now = base::timestamp(base::milliseconds(61'000));
  facts.store_url = "valkey://127.0.0.1:6379";
  facts.configuration = {
      facts.started, base::timestamp(base::milliseconds(2000)), "a mistake", {"admin.listen"}};
  facts.blocked_builds = {{"ab12", "sweeper@acme", "sweeper", "rolled back: it failed",
                           base::timestamp(base::milliseconds(3000))}};
  return {facts, false, {store_availability::down, "refused"}};
}

TEST(status_json, says_what_the_host_knows_of_itself) {
  const auto host = json::parse(status_json({}, command_access::none, {}, example_host())).at("host");
  const json expected{
      {"version", "1.2.3"},
      {"started_ms", 1000},
      {"now_ms", 61'000},
      {"ready", false},
      {"not_ready", nullptr},
      {"store", {{"url", "valkey://127.0.0.1:6379"}, {"state", "down"}, {"detail", "refused"}}},
      {"configuration",
       {{"accepted_ms", 1000},
        {"refused_ms", 2000},
        {"reason", "a mistake"},
        {"needs_restart", {"admin.listen"}}}},
      {"blocked_builds",
       {{{"sha256", "ab12"},
         {"plugin", "sweeper"},
         {"scanner", "sweeper@acme"},
         {"reason", "rolled back: it failed"},
         {"since_ms", 3000}}}}};
  EXPECT_EQ(host, expected);
}

// Everything that may be null or empty is there.
runner::scanner_status full_scanner() {
  auto status = ready_scanner();
  status.paused = true;
  status.log_level = base::severity::debug;
  status.history = {{1, "ab", "1.0.0", base::timestamp(base::milliseconds(5)), "started", ""}};
  status.last_cycle.emplace();
  status.memory_growth.emplace();
  status.store.unreachable = {"a node"};
  status.store_troubles.push_back({store::state::out_of_memory, "OOM", "", 3, {}, {}});
  return status;
}

json schema() { return json::parse(std::ifstream(SCANHOST_SOURCE_DIR "/host/admin/status.schema.json")); }

const json& resolved(const json& root, const json& part) {
  if (part.contains("oneOf")) return resolved(root, part.at("oneOf").at(0));
  return part.contains("$ref") ? root.at(json::json_pointer(part.at("$ref").get<std::string>().substr(1)))
                               : part;
}

// Whether the values are of the right types is for the smoke test, with the status of a real host.
void expect_the_same_members(const json& root, const json& part, const json& value,
                             const std::string& where) {
  const auto& described = resolved(root, part);
  if (value.is_array() && !value.empty())
    return expect_the_same_members(root, described.at("items"), value.at(0), where);
  if (!value.is_object()) return;
  for (const auto& [name, member] : value.items()) {
    ASSERT_TRUE(described.at("properties").contains(name)) << where << "." << name;
    expect_the_same_members(root, described.at("properties").at(name), member, where + "." + name);
  }
  for (const auto& name : described.at("required"))
    EXPECT_TRUE(value.contains(name.get<std::string>())) << where << "." << name;
}

TEST(status_json, has_exactly_the_members_of_its_schema) {
  const auto document = json::parse(
      status_json({full_scanner()}, command_access::granted, metrics::process_usage{}, example_host()));
  expect_the_same_members(schema(), schema(), document, "$");
}

TEST(status_json, has_the_states_of_scanners_in_its_schema) {
  json states = json::array();
  for (int i = 0; i <= static_cast<int>(runner::scanner_state::stopped); ++i)
    states.push_back(to_text(static_cast<runner::scanner_state>(i)));
  EXPECT_EQ(schema().at("/$defs/scanner/properties/state/enum"_json_pointer), states);
}

TEST(status_json, is_an_empty_list_without_scanners) {
  EXPECT_EQ(status_json({}, command_access::none),
            "{\"version\":1,\"scanners\":[],\"control\":false,\"needs_token\":false}\n");
}

}  // namespace
}  // namespace scanhost::admin
