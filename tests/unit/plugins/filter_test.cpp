// SPDX-License-Identifier: Apache-2.0
//
// The filter's options and reads.
#include "common/filter.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace ff {
namespace {

TEST(filter, accepts_all_and_reads_nothing_where_nothing_is_wanted) {
  const filter none("", "");
  EXPECT_TRUE(none.accepts_all());
  EXPECT_EQ(none.read_count(), 0u);
}

TEST(filter, reads_namespace_and_tag_in_the_partition_of_the_scan) {
  const filter both("acme", "a.b=c=d");
  scanhost::batch reads;
  both.add_reads(reads, {"{fp:1}", "{fp:7}:e"});
  ASSERT_EQ(reads.size(), 2u);
  EXPECT_EQ(both.read_count(), 2u);
  EXPECT_EQ(reads[0][0], "HGET");
  EXPECT_EQ(reads[0][1], "ff:exec:{fp:1}:{fp:7}:e:core");
  EXPECT_EQ(reads[0][2], "namespace");
  EXPECT_EQ(reads[1][1], "ff:exec:{fp:1}:{fp:7}:e:tags");
  EXPECT_EQ(reads[1][2], "a.b");
}

TEST(filter, refuses_an_instance_tag_without_a_name_or_a_value) {
  EXPECT_THROW(filter("", "acme.instance"), scanhost::bad_option);
  EXPECT_THROW(filter("", "=i-1"), scanhost::bad_option);
  EXPECT_NO_THROW(filter("", "acme.instance="));
}

}  // namespace
}  // namespace ff
