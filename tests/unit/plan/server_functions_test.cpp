// SPDX-License-Identifier: Apache-2.0
#include "plan/server_functions.hpp"

#include <gtest/gtest.h>

namespace scanhost::plan {
namespace {

class known_functions : public testing::Test {
 protected:
  server_functions functions_{{}, "/etc/scanhost.yaml"};
};

TEST_F(known_functions, are_unknown_until_a_look_ends) {
  EXPECT_EQ(functions_.latest(), nullptr);
  functions_.begin_look();
  EXPECT_EQ(functions_.latest(), nullptr);
}

TEST_F(known_functions, are_those_of_the_look_that_began_last) {
  const auto first = functions_.begin_look();
  const auto second = functions_.begin_look();
  EXPECT_TRUE(functions_.end_look(second, {{"lib"}, {"f"}}));
  EXPECT_FALSE(functions_.end_look(first, {}));
  EXPECT_TRUE(functions_.latest()->functions.contains("f"));
}

TEST_F(known_functions, stay_the_same_object_when_a_look_finds_nothing_new) {
  functions_.end_look(functions_.begin_look(), {{"lib"}, {"f"}});
  const auto before = functions_.latest();
  EXPECT_FALSE(functions_.end_look(functions_.begin_look(), {{"lib"}, {"f"}}));
  EXPECT_EQ(functions_.latest(), before);
}

TEST_F(known_functions, are_asked_for_once_until_the_next_look_begins) {
  int requests = 0;
  functions_.on_request([&] { ++requests; });
  functions_.request_look();
  functions_.request_look();
  EXPECT_EQ(requests, 1);
  functions_.begin_look();
  functions_.request_look();
  EXPECT_EQ(requests, 2);
}

TEST_F(known_functions, can_be_asked_for_while_nobody_looks) {
  functions_.request_look();
  int requests = 0;
  functions_.on_request([&] { ++requests; });
  functions_.request_look();
  EXPECT_EQ(requests, 1);
}

TEST_F(known_functions, are_installed_by_a_command_that_can_be_copied) {
  EXPECT_EQ(functions_.install_command(), "scanhost functions install --config /etc/scanhost.yaml");
}

TEST(function_inventory, knows_what_is_missing_in_the_order_of_the_question) {
  const function_inventory found{{"a", "b"}, {"f", "h"}};
  EXPECT_EQ(found.missing_of({"i", "h", "g"}), (std::vector<std::string>{"i", "g"}));
}

}  // namespace
}  // namespace scanhost::plan
