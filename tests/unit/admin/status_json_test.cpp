// SPDX-License-Identifier: Apache-2.0
//
// The status as JSON.
#include "admin/status_json.hpp"

#include <gtest/gtest.h>

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
  const auto scanner = json::parse(status_json({status}, false)).at("scanners").at(0);
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
  const auto scanner = json::parse(status_json({status}, false)).at("scanners").at(0);
  EXPECT_EQ(scanner.at("dry_run"), true);
  EXPECT_EQ(scanner.at("held_back"), 12);
  EXPECT_EQ(scanner.at("refused"), 3);
}

TEST(status_json, tells_what_became_of_each_generation) {
  auto status = ready_scanner();
  status.since = base::timestamp(base::milliseconds(1'700'000'000'123));
  status.paused = true;
  status.on_probation = true;
  status.history = {
      {2, "ab12", "1.1.0", base::timestamp(base::milliseconds(5)), "reloaded", "the file changed"}};
  const auto scanner = json::parse(status_json({status}, false)).at("scanners").at(0);
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
    return json::parse(status_json({status}, false)).at("scanners").at(0).at("pause");
  };
  EXPECT_EQ(pause(),
            (json{{"by", "root"}, {"reason", "the queue is moved"}, {"at_ms", 5}, {"until_ms", 7005}}));
  status.pause.until.reset();
  EXPECT_TRUE(pause().at("until_ms").is_null());
}

TEST(status_json, says_null_for_what_is_not_known) {
  const auto scanner = json::parse(status_json({ready_scanner()}, false)).at("scanners").at(0);
  for (const char* key : {"last_cycle", "backlog", "oldest_overdue_ms", "since_ms", "memory_bytes",
                          "memory_growth", "log_level", "pause"})
    EXPECT_TRUE(scanner.at(key).is_null()) << key;
}

TEST(status_json, says_what_a_scanner_costs) {
  auto status = ready_scanner();
  status.cpu_time = std::chrono::milliseconds(1250);
  status.cpu_usage = 0.02;
  status.memory_bytes = 24'000'000;
  status.memory_growth = runner::steady_growth{32'000, 32, base::milliseconds(48'000)};
  const auto scanner = json::parse(status_json({status}, false)).at("scanners").at(0);
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
  const auto scanner = json::parse(status_json({status}, false)).at("scanners").at(0);
  EXPECT_EQ(scanner.at("log_level"), "debug");
  EXPECT_EQ(scanner.at("totals").at("beyond_allowance"), 7);
}

TEST(status_json, says_what_the_process_costs) {
  metrics::process_usage process;
  process.cpu_seconds = 2.5;
  process.resident_bytes = 30'000'000;
  const auto status = json::parse(status_json({}, false, process));
  EXPECT_EQ(status.at("process").at("cpu_seconds"), 2.5);
  EXPECT_EQ(status.at("process").at("resident_memory_bytes"), 30'000'000);
}

TEST(status_json, survives_errors_that_are_no_utf8) {
  auto status = ready_scanner();
  status.last_error = "caf\xe9 \"quoted\"\n";
  const auto text =
      json::parse(status_json({status}, false)).at("scanners").at(0).at("last_error").get<std::string>();
  EXPECT_EQ(text, "caf\xef\xbf\xbd \"quoted\"\n");
}

TEST(status_json, is_an_empty_list_without_scanners) {
  EXPECT_EQ(status_json({}, false), "{\"scanners\":[],\"control\":false}\n");
}

}  // namespace
}  // namespace scanhost::admin
