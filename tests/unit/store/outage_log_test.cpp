// SPDX-License-Identifier: Apache-2.0
//
// What the log says of servers that do not answer.
#include "store/outage_log.hpp"

#include <gmock/gmock.h>

#include "support/kept_log.hpp"

namespace scanhost::store {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::SizeIs;

const std::string server = "valkey://localhost:6379";

class outages : public testing::Test {
 protected:
  tests::kept_log lines_;
  outage_log log_;
};

TEST_F(outages, are_one_line_for_all_scanners) {
  log_.begin(server, "carts", "Connection refused");
  log_.begin(server, "parcels", "Connection refused");
  const auto lines = lines_.take();
  ASSERT_THAT(lines, SizeIs(1));
  EXPECT_EQ(lines[0].event, "store_lost");
  EXPECT_EQ(lines[0].text, "scanner=store store " + server +
                               ": Connection refused; retrying until it answers (first missed by carts)");
}

TEST_F(outages, are_over_when_all_scanners_have_the_server_again) {
  log_.begin(server, "carts", "Connection refused");
  log_.begin(server, "parcels", "Connection refused");
  lines_.take();
  log_.end(server, "carts", server);
  EXPECT_THAT(lines_.take(), IsEmpty());
  log_.end(server, "parcels", server);
  const auto lines = lines_.take();
  ASSERT_THAT(lines, SizeIs(1));
  EXPECT_EQ(lines[0].event, "store_connected");
  EXPECT_THAT(lines[0].text, MatchesRegex(".*: connected again after [0-9.]+ s, which 2 scanners had lost"));
}

TEST_F(outages, of_different_servers_have_lines_of_their_own) {
  log_.begin(server, "carts", "Connection refused");
  log_.begin("valkey://localhost:6380", "carts", "Connection refused");
  EXPECT_THAT(lines_.take(), SizeIs(2));
}

TEST_F(outages, end_without_a_line_when_the_last_scanner_goes) {
  log_.begin(server, "carts", "Connection refused");
  log_.leave(server, "carts");
  log_.end(server, "carts", server);
  EXPECT_THAT(lines_.take(), SizeIs(1));
  log_.begin(server, "carts", "Connection refused");
  EXPECT_THAT(lines_.take(), SizeIs(1));
}

TEST_F(outages, last_while_one_of_two_generations_misses_the_server) {
  log_.begin(server, "carts", "Connection refused");
  log_.begin(server, "carts", "Connection refused");
  log_.leave(server, "carts");
  lines_.take();
  log_.end(server, "carts", server);
  EXPECT_THAT(lines_.take(), SizeIs(1));
}

TEST_F(outages, end_with_one_line_when_the_server_is_no_primary_any_more) {
  log_.begin(server, "carts", "Connection refused");
  log_.begin(server, "parcels", "Connection refused");
  lines_.take();
  log_.depart(server, "carts");
  log_.depart(server, "parcels");
  const auto lines = lines_.take();
  ASSERT_THAT(lines, SizeIs(1));
  EXPECT_THAT(lines[0].text, HasSubstr("is not a primary of the cluster any more"));
}

TEST(missed_server, may_be_replaced_by_another) {
  tests::kept_log lines;
  missed_servers missed("carts");
  missed.begin("valkey://old:6379", "Connection refused");
  missed.end("valkey://new:6379");
  const auto written = lines.take();
  ASSERT_THAT(written, SizeIs(2));
  EXPECT_THAT(written[1].text, HasSubstr("store valkey://new:6379: connected again"));
}

}  // namespace
}  // namespace scanhost::store
