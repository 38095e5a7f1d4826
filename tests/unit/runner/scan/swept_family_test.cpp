// SPDX-License-Identifier: Apache-2.0
#include "runner/scan/swept_family.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace scanhost::runner {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

swept_family listed(const std::vector<std::string>& members) {
  swept_family family({"queue", "{q:*}", 0, "", "", config::member_source::key, "queues"}, 1);
  family.replace_members(members);
  return family;
}

TEST(swept_family, puts_the_partition_in_place_of_the_star) {
  const swept_family family({"flow", "{s:*}", 4, "", ""}, 4);
  EXPECT_EQ(family.tag(3), "{s:3}");
  EXPECT_EQ(family.first_route(), "{s:0}");
  EXPECT_EQ(family.index_of(3), 3u);
}

TEST(swept_family, has_one_tag_where_the_pattern_has_no_star) {
  EXPECT_EQ(swept_family({"node", "", 1, "", ""}, 1).tag(0), "");
  EXPECT_EQ(swept_family({"main", "{main}", 1, "", ""}, 1).tag(0), "{main}");
}

TEST(swept_family, puts_the_member_in_place_of_the_star) {
  const auto family = listed({"mail", "sms"});
  EXPECT_EQ(family.count(), 2u);
  EXPECT_THAT(family.tags(), ElementsAre("{q:mail}", "{q:sms}"));
  EXPECT_EQ(family.member_in("{q:mail}"), "mail");
}

TEST(swept_family, names_partitions_that_are_added_later) {
  swept_family family({"flow", "{s:*}", 4, "", ""}, 1);
  family.set_count(3);
  EXPECT_THAT(family.tags(), ElementsAre("{s:0}", "{s:1}", "{s:2}"));
  family.set_count(2);
  EXPECT_THAT(family.tags(), ElementsAre("{s:0}", "{s:1}"));
}

TEST(swept_family, routes_each_node_without_giving_it_a_tag) {
  swept_family family({"node", "", 1, "", ""}, 1);
  EXPECT_EQ(family.route(0), "");
  family.replace_nodes({{"n:1", "{a}"}, {"n:2", "{b}"}});
  EXPECT_EQ(family.count(), 2u);
  EXPECT_THAT(family.tags(), ElementsAre("", ""));
  EXPECT_EQ(family.route(1), "{b}");
  EXPECT_EQ(family.first_route(), "{a}");
}

TEST(swept_family, keeps_the_number_of_a_node_that_stays) {
  swept_family family({"node", "", 1, "", ""}, 1);
  family.replace_nodes({{"n:1", "{a}"}, {"n:2", "{b}"}, {"n:3", "{c}"}});
  EXPECT_THAT(family.replace_nodes({{"n:4", "{d}"}, {"n:1", "{e}"}, {"n:2", "{b}"}, {"n:3", "{c}"}}),
              IsEmpty());
  EXPECT_EQ(family.count(), 4u);
  EXPECT_EQ(family.route(0), "{e}");
  EXPECT_EQ(family.route(3), "{d}");
}

TEST(swept_family, gives_the_number_of_a_node_that_left_to_another) {
  swept_family family({"node", "", 1, "", ""}, 1);
  family.replace_nodes({{"n:1", "{a}"}, {"n:2", "{b}"}, {"n:3", "{c}"}});
  EXPECT_THAT(family.replace_nodes({{"n:1", "{a}"}, {"n:5", "{b}"}, {"n:3", "{c}"}}), ElementsAre(1));
  EXPECT_EQ(family.route(1), "{b}");
  EXPECT_THAT(family.replace_nodes({{"n:5", "{b}"}, {"n:3", "{c}"}}), ElementsAre(0, 2));
  EXPECT_EQ(family.route(0), "{c}");
  EXPECT_EQ(family.route(1), "{b}");
}

TEST(swept_family, names_the_members_of_today) {
  auto family = listed({"mail", "sms"});
  family.replace_members({"fax", "mail"});
  EXPECT_THAT(family.tags(), ElementsAre("{q:fax}", "{q:mail}"));
}

TEST(swept_family, has_no_partition_before_its_members_are_listed) {
  const auto family = listed({});
  EXPECT_EQ(family.count(), 0u);
  EXPECT_EQ(family.first_route(), "");
  EXPECT_THAT(family.tags(), IsEmpty());
}

TEST(swept_family, names_no_member_where_it_is_not_listed) {
  EXPECT_EQ(swept_family({"flow", "{s:*}", 4, "", ""}, 4).member_in("{s:3}"), "");
}

}  // namespace
}  // namespace scanhost::runner
