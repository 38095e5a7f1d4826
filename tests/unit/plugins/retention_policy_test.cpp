// SPDX-License-Identifier: Apache-2.0
//
// The retention in a policy's JSON.
#include "retention_trimmer/retention_policy.hpp"

#include <gtest/gtest.h>

#include <string>

namespace ff {
namespace {

TEST(retention_policy, reads_an_unsigned_integer) {
  EXPECT_EQ(retention_of(R"({"stream_policy":{"retention_ttl_ms":5}})"), 5u);
  EXPECT_EQ(
      retention_of(R"( {"priority":1,"stream_policy":{"x":[],"retention_ttl_ms":18446744073709551615}} )"),
      UINT64_MAX);
  EXPECT_EQ(retention_of(R"({"stream_policy":{"retention_ttl_ms":1,"retention_ttl_ms":2}})"), 2u);
}

TEST(retention_policy, has_none_where_the_value_is_anything_else) {
  for (const char* value : {"-1", "1.0", "1e3", "\"5\"", "null", "true", "[5]", "18446744073709551616"})
    EXPECT_FALSE(retention_of(R"({"stream_policy":{"retention_ttl_ms":)" + std::string(value) + "}}"))
        << value;
}

TEST(retention_policy, has_none_where_the_text_is_no_such_document) {
  for (const char* text : {"", "null", "5", "[]", "{}", R"({"stream_policy":5})", R"({"stream_policy":[]})",
                           R"({"stream_policy":{"retention_ttl_ms":5})", "{} x", "\xff"})
    EXPECT_FALSE(retention_of(text)) << text;
}

TEST(retention_policy, has_none_where_the_document_has_a_byte_too_many) {
  const std::string document = R"({"stream_policy":{"retention_ttl_ms":5}})";
  ASSERT_EQ(retention_of(document), 5u);
  EXPECT_FALSE(retention_of(document + '\0'));
  EXPECT_FALSE(retention_of(document + '\0' + "x"));
  EXPECT_FALSE(retention_of("\xef\xbb\xbf" + document));
}

TEST(retention_policy, keeps_until_the_time_is_over_and_for_ever_when_it_does_not_fit) {
  EXPECT_TRUE(is_retained(109, 100, 10));
  EXPECT_FALSE(is_retained(110, 100, 10));
  EXPECT_FALSE(is_retained(100, 100, 0));
  EXPECT_TRUE(is_retained(100, 101, 0));
  EXPECT_TRUE(is_retained(1'700'000'000'000, 1'600'000'000'000, UINT64_MAX));
}

}  // namespace
}  // namespace ff
