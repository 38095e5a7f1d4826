// SPDX-License-Identifier: Apache-2.0
//
// Small readers and writers of text.
#include <gmock/gmock.h>

#include "demo/dice.hpp"
#include "demo/host.hpp"
#include "demo/keys.hpp"
#include "demo/output.hpp"
#include "demo/workload.hpp"

namespace scanhost::demo {
namespace {

using testing::HasSubstr;

TEST(partition_of, gives_the_contracted_values) {
  EXPECT_EQ(partition_of("550e8400-e29b-41d4-a716-446655440000", 256), 24U);
  EXPECT_EQ(partition_of("6ba7b810-9dad-11d1-80b4-00c04fd430c8", 32), 13U);
}
TEST(keys, carry_the_tag_twice) {
  world w;
  dice chance(1);
  execution e(w, chance, 7, 1'700'000'000'000);
  e.id = "{fp:7}:x";
  EXPECT_EQ(e.core(), "ff:exec:{fp:7}:{fp:7}:x:core");
  EXPECT_EQ(e.attempt_key("usage"), "ff:attempt:{fp:7}:{fp:7}:x:0:usage");
  e.lane = "gpu";
  EXPECT_EQ(e.lane_index("blocked:budget"), "ff:idx:{fp:7}:lane:gpu:blocked:budget");
}
TEST(dice, gives_the_same_for_the_same_seed) {
  dice first(5), other(5), third(6);
  const auto uuid = first.uuid();
  EXPECT_EQ(uuid, other.uuid());
  EXPECT_NE(uuid, third.uuid());
  EXPECT_THAT(uuid,
              testing::MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
}
TEST(status, reads_what_it_knows_and_lets_the_rest_be) {
  const auto statuses =
      parse_status(R"({"version":"1","scanners":[{"name":"a","plugin":"b","state":"waiting","cycles":3,
      "totals":{"processed":4,"unchanged":1,"errors":0,"skipped":2},"last_cycle":null,"backlog":null,
      "oldest_overdue_ms":250,"processed_per_second":1.5,"generation":1}]})");
  ASSERT_TRUE(statuses);
  ASSERT_EQ(statuses->size(), 1U);
  EXPECT_EQ(statuses->front().processed, 4U);
  EXPECT_FALSE(statuses->front().backlog);
  EXPECT_EQ(statuses->front().oldest_overdue_ms, 250);
}
TEST(status, refuses_what_is_no_document) {
  EXPECT_FALSE(parse_status("<html>"));
  EXPECT_FALSE(parse_status("[]"));
  EXPECT_FALSE(parse_status("{}"));
}
TEST(status, waits_for_the_first_cycle_of_every_scanner) {
  scanner_status waiting, cycling, done;
  waiting.state = done.state = "waiting";
  cycling.state = "cycling";
  done.cycles = 1;
  EXPECT_TRUE(have_begun({cycling, done}, 2));
  EXPECT_FALSE(have_begun({cycling, waiting}, 2));
  EXPECT_FALSE(have_begun({cycling}, 2));
}
TEST(progress, shows_each_scanner_in_a_row) {
  scanner_status status;
  status.name = "lease_expiry";
  status.processed = 77;
  const auto table = table_of({status, status});
  EXPECT_EQ(std::count(table.begin(), table.end(), '\n'), 3);
  EXPECT_THAT(table, HasSubstr("77"));
}
TEST(config, names_the_store_the_lanes_the_scanners_and_the_page) {
  const auto text =
      config_text({"/bin/scanhost", "/t", "/t/s.sock", "/p", {"lease_expiry", "unblock"}, "127.0.0.1:9"});
  for (const auto part : {"unix:///t/s.sock", "lanes: [default, gpu, batch]", "  lease_expiry: {}\n",
                          "  unblock: {}\n", "listen: 127.0.0.1:9", "path: [\"/p\"]"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
  EXPECT_THAT(config_text({"/bin/scanhost", "/t", "/t/s.sock", "/p", {"lease_expiry"}, "none"}),
              HasSubstr("listen: none"));
}

}  // namespace
}  // namespace scanhost::demo
