// SPDX-License-Identifier: Apache-2.0
#include "admin/query.hpp"

#include <gmock/gmock.h>

namespace scanhost::admin {
namespace {

using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

std::string problem_of(const char* query) {
  const auto parsed = parse_query(query);
  return parsed ? "" : parsed.error().message;
}

TEST(query, holds_names_and_values) {
  EXPECT_THAT(parse_query("for=2h&reason=x").value(),
              UnorderedElementsAre(Pair("for", "2h"), Pair("reason", "x")));
  EXPECT_THAT(parse_query("a=&b=1=2").value(), UnorderedElementsAre(Pair("a", ""), Pair("b", "1=2")));
  EXPECT_THAT(parse_query("").value(), IsEmpty());
}

TEST(query, is_percent_decoded_and_a_plus_is_a_blank) {
  EXPECT_THAT(parse_query("reason=a%20b+c%2Bd%26e%c3%A9").value(),
              UnorderedElementsAre(Pair("reason", "a b c+d&e\u00e9")));
  EXPECT_THAT(parse_query("%66or=2h").value(), UnorderedElementsAre(Pair("for", "2h")));
}

TEST(query, with_a_broken_escape_is_refused) {
  for (const char* query : {"a=%", "a=%4", "a=%4g", "a=%+4", "a=%-1", "%=1"})
    EXPECT_THAT(problem_of(query), testing::HasSubstr("two hexadecimal digits")) << query;
}

TEST(query, without_a_value_or_with_a_name_twice_is_refused) {
  EXPECT_EQ(problem_of("for"), "'for': expected a name and a value, as in for=2h");
  EXPECT_EQ(problem_of("a=1&a=2"), "'a' is given twice");
  EXPECT_EQ(problem_of("a=1&%61=2"), "'a' is given twice");
  EXPECT_NE(problem_of("a=1&&b=2"), "");
}

TEST(query, that_was_encoded_is_decoded_to_the_same) {
  std::string bytes;
  for (int byte = 0; byte < 256; ++byte) bytes += static_cast<char>(byte);
  EXPECT_EQ(parse_query("x=" + encode_for_query(bytes)).value().at("x"), bytes);
}

TEST(query, decodes_the_parts_of_a_path_in_which_a_plus_is_itself) {
  EXPECT_EQ(decode_from_path("a%2Fb+c").value(), "a/b+c");
  EXPECT_EQ(decode_from_path(encode_for_query("{fp:0}:\xff")).value(), "{fp:0}:\xff");
  EXPECT_FALSE(decode_from_path("%zz"));
}

}  // namespace
}  // namespace scanhost::admin
