// SPDX-License-Identifier: Apache-2.0
#include "demo/output.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace scanhost::demo {
namespace {

demo_result clean() {
  demo_result result;
  result.server_name = "redis";
  result.server_version = "7.0.15";
  result.host_ended_well = true;
  result.counted = true;
  result.scanners.push_back(
      {"lease_expiry", "lease_expiry", "waiting", 4, 30, 10, 0, 2, std::nullopt, std::nullopt, 1.5});
  result.check.seeded = 100;
  result.check.due = 50;
  result.check.done = 50;
  return result;
}

TEST(output, ends_with_0_only_when_nothing_is_wrong_and_the_host_ended_well) {
  EXPECT_EQ(exit_code_of(clean()), 0);
  auto wrong = clean();
  wrong.check.violations = 1;
  EXPECT_EQ(exit_code_of(wrong), 1);
  auto unwell = clean();
  unwell.host_ended_well = false;
  EXPECT_EQ(exit_code_of(unwell), 1);
}
TEST(output, ends_with_130_when_interrupted) {
  auto result = clean();
  result.interrupted = true;
  EXPECT_EQ(exit_code_of(result), 130);
}
TEST(output, writes_one_object_with_the_promised_members) {
  const auto text = json_of(clean());
  EXPECT_EQ(text.find('\n'), std::string::npos);
  const auto object = nlohmann::json::parse(text);
  EXPECT_EQ(object["server"]["name"], "redis");
  EXPECT_EQ(object["workload"], (nlohmann::json{{"seeded", 100}, {"due", 50}, {"done", 50}}));
  EXPECT_EQ(object["violations"], 0);
  const auto& scanner = object["scanners"].at(0);
  for (const auto member :
       {"name", "plugin", "cycles", "processed", "unchanged", "errors", "skipped", "backlog"}) {
    EXPECT_TRUE(scanner.contains(member)) << member;
  }
  EXPECT_EQ(scanner["processed"], 30);
  EXPECT_TRUE(scanner["backlog"].is_null());
}
TEST(output, does_not_invent_counters_that_were_not_seen) {
  auto result = clean();
  result.counted = false;
  EXPECT_TRUE(nlohmann::json::parse(json_of(result))["scanners"][0]["processed"].is_null());
}
TEST(output, takes_lateness_at_a_part_of_the_sorted_moments) {
  std::vector<std::int64_t> moments{40, 10, 30, 20};
  EXPECT_EQ(lateness_at(moments, 0.5), 20);
  EXPECT_EQ(lateness_at(moments, 0.99), 40);
  std::vector<std::int64_t> none;
  EXPECT_EQ(lateness_at(none, 0.99), 0);
}

}  // namespace
}  // namespace scanhost::demo
