// SPDX-License-Identifier: Apache-2.0
//
// lease_expiry under the scripted host: leases that were marked before.
#include "scanner_test.hpp"

namespace ff::lease_expiry_tests {
namespace {

using namespace testing;

class lease_expiry : public scanner_test {
 protected:
  lease_expiry() : scanner_test("lease_expiry", without_drain()) {
    host.on("HMGET", [](const call& asked) {
      return asked.args[1].find(":marked") != std::string::npos ? array("active", "lease_expired_reclaimable")
                                                                : array("active", "leased");
    });
    host.on("FCALL", array(1, "OK", "marked_expired"));
  }
};

TEST_F(lease_expiry, passes_over_marked_leases_and_counts_them_as_the_call_would) {
  for (int i = 0; i < 130; ++i) index.add(due(5000), "marked" + std::to_string(i));
  for (int i = 0; i < 60; ++i) index.add(due(), "new" + std::to_string(i));
  const auto report = host.scan();
  EXPECT_EQ(report.result.processed, 180u);
  EXPECT_EQ(report.result.unchanged, 130u);
  EXPECT_EQ(host.calls("FCALL").size(), 50u);
}

TEST_F(lease_expiry, counts_a_failed_read_like_a_failed_call) {
  index.add(due(), "e");
  host.on("HMGET", error("WRONGTYPE Operation against a key"));
  EXPECT_EQ(host.scan().result.errors, 1u);
  EXPECT_EQ(host.failures().count(host.tag_of(0), "e"), 1u);
  EXPECT_EQ(host.calls("FCALL").size(), 0u);
}

TEST_F(lease_expiry, makes_no_call_from_a_page_that_has_grown_old) {
  index.add(due(), "e");
  int reads = 0;
  host.on("HMGET", [&](const call&) {
    if (++reads == 1) host.advance(scanhost::milliseconds(1500));
    return array("active", "leased");
  });
  EXPECT_EQ(host.scan().result.processed, 1u);
  EXPECT_EQ(reads, 2);
  // A page holds a single candidate now, so it is full, and the end of the index is asked for once more.
  EXPECT_EQ(host.calls("ZRANGEBYSCORE").size(), 3u);
}

TEST_F(lease_expiry, reads_fewer_candidates_at_a_time_while_reading_is_slow_and_more_again) {
  for (int i = 0; i < 20; ++i) index.add(due(), std::to_string(i));
  std::vector<std::string> limits;
  host.on("HMGET", [&](const call&) {
    if (host.calls("ZRANGEBYSCORE").size() < 2) host.advance(scanhost::milliseconds(200));
    return array("active", "leased");
  });
  EXPECT_EQ(host.scan().result.processed, 20u);
  for (const auto& query : host.calls("ZRANGEBYSCORE")) limits.push_back(query.args.back());
  EXPECT_EQ(limits, (std::vector<std::string>{"50", "2", "4", "8", "16"}));
}

}  // namespace
}  // namespace ff::lease_expiry_tests
