// SPDX-License-Identifier: Apache-2.0
#include "base/json.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

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

TEST(json, takes_whole_numbers_that_the_type_can_hold) {
  const auto read = [](const char* text) { return to_integer<std::uint16_t>(nlohmann::json::parse(text)); };
  EXPECT_EQ(read("0"), 0);
  EXPECT_EQ(read("65535"), 65535);
  for (const auto* text :
       {"-1", "65536", "18446744073709551615", "1e300", "1.5", "\"1\"", "true", "null", "[1]"})
    EXPECT_THROW(read(text), std::out_of_range) << text;
  EXPECT_EQ(to_integer<std::int64_t>(nlohmann::ordered_json::parse("-9223372036854775808")),
            std::numeric_limits<std::int64_t>::min());
}

}  // namespace
}  // namespace scanhost::base
