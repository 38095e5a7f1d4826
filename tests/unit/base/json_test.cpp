// SPDX-License-Identifier: Apache-2.0
#include "base/json.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace scanhost::base {
namespace {

TEST(json, writes_one_line_in_the_order_given) {
  EXPECT_EQ(json_line(nlohmann::ordered_json{{"b", 1}, {"a", "two\nlines"}}),
            "{\"b\":1,\"a\":\"two\\nlines\"}\n");
}

TEST(json, replaces_bytes_that_are_not_utf8) {
  EXPECT_EQ(json_line(nlohmann::json{{"text", "a\xff z"}}), "{\"text\":\"a\xef\xbf\xbd z\"}\n");
}

TEST(json, indents_for_people) {
  EXPECT_EQ(json_pretty(nlohmann::ordered_json{{"a", 1}}), "{\n  \"a\": 1\n}\n");
  EXPECT_EQ(json_pretty(nlohmann::json{{"a", "\xff"}}), "{\n  \"a\": \"\xef\xbf\xbd\"\n}\n");
}

}  // namespace
}  // namespace scanhost::base
