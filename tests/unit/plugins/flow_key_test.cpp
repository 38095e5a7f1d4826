// SPDX-License-Identifier: Apache-2.0
#include "flow_trimmer/flow_key.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace ff {
namespace {

const std::string flow_id = "00000000-0000-4000-8000-00000000000f";

TEST(flow_key, names_partition_flow_and_part) {
  const auto key = parse_flow_key("ff:flow:{fp:7}:" + flow_id + ":grant:a:b");
  ASSERT_TRUE(key);
  EXPECT_EQ(key->tag, "{fp:7}");
  EXPECT_EQ(key->flow, flow_id);
  EXPECT_EQ(key->part, "grant:a:b");
  EXPECT_FALSE(key->is_core());
  EXPECT_TRUE(key->goes_with_the_core());
}

TEST(flow_key, leaves_the_keys_of_members_and_edges_to_their_flow) {
  for (const auto* part :
       {"members", "edge:e", "edgegroup:c", "in:c", "out:c", "member:c", "pending_cancels"})
    EXPECT_FALSE(parse_flow_key("ff:flow:{fp:7}:" + flow_id + ":" + part)->goes_with_the_core()) << part;
}

TEST(flow_key, is_no_other_key_and_no_flow_id_in_another_form) {
  const std::vector<std::string> others = {"ff:flow:{fp:7}:" + flow_id,
                                           "ff:flow:{fp:7}:flow-1:core",
                                           "ff:flow:{fp:07}:" + flow_id + ":core",
                                           "ff:flow:{fp:x}:" + flow_id + ":core",
                                           "ff:flow:{b:7}:" + flow_id + ":core",
                                           "ff:exec:{fp:7}:" + flow_id + ":core",
                                           "ff:flow:{fp:7}:00000000-0000-4000-8000-00000000000F:core",
                                           "ff:flow:{fp:7}:" + flow_id + "x:core"};
  for (const auto& key : others) EXPECT_FALSE(parse_flow_key(key)) << key;
}

}  // namespace
}  // namespace ff
