// SPDX-License-Identifier: Apache-2.0
//
// Names of keys: the doubled tag, empty parts, bytes as they are.
#include "common/keys.hpp"

#include <gtest/gtest.h>

namespace ff {
namespace {

TEST(keys, carry_the_tag_of_an_execution_twice) {
  const execution_keys keys("{fp:7}", "{fp:7}:e");
  EXPECT_EQ(keys.core(), "ff:exec:{fp:7}:{fp:7}:e:core");
  EXPECT_EQ(keys.attempt("0"), "ff:attempt:{fp:7}:{fp:7}:e:0");
  EXPECT_EQ(keys.stream_meta(""), "ff:stream:{fp:7}:{fp:7}:e::meta");
  EXPECT_EQ(keys.dep("e1"), "ff:exec:{fp:7}:{fp:7}:e:dep:e1");
  EXPECT_EQ(keys.suspension(), "ff:exec:{fp:7}:{fp:7}:e:suspension:current");
}

TEST(keys, leave_empty_parts_empty) {
  EXPECT_EQ(worker_leases_key("{fp:0}", ""), "ff:idx:{fp:0}:worker::leases");
  EXPECT_EQ(waitpoint_key("{fp:0}", ""), "ff:wp:{fp:0}:");
  EXPECT_EQ(condition_key("{fp:0}", ""), "ff:wp:{fp:0}::condition");
  EXPECT_EQ(lane_key("{fp:0}", "", "active"), "ff:idx:{fp:0}:lane::active");
}

TEST(keys, keep_every_byte_of_an_id) {
  const std::string id("a\0\xff", 3);
  EXPECT_EQ(signal_key("{fp:0}", id), std::string("ff:signal:{fp:0}:") + id);
}

TEST(keys, name_flows_budgets_and_quotas) {
  EXPECT_EQ(flow_keys("{fp:1}", "f").pending_cancels(), "ff:flow:{fp:1}:f:pending_cancels");
  EXPECT_EQ(budget_usage_key("{b:1}", "x"), "ff:budget:{b:1}:x:usage");
  EXPECT_EQ(quota_keys("{q:1}", "x").window(), "ff:quota:{q:1}:x:window:requests_per_window");
  EXPECT_EQ(quota_keys("{q:1}", "x").guard("e"), "ff:quota:{q:1}:x:admitted:e");
}

}  // namespace
}  // namespace ff
