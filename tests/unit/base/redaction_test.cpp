// SPDX-License-Identifier: Apache-2.0
#include "base/redaction.hpp"

#include <gtest/gtest.h>

namespace scanhost::base {
namespace {

redaction of(const std::vector<std::string>& texts) {
  std::vector<secret> secrets;
  for (const auto& text : texts) secrets.emplace_back(text);
  return redaction(secrets);
}

TEST(redaction, takes_every_occurrence_out) {
  EXPECT_EQ(of({"hunter2"}).apply("hunter2: 'hunter2' is wrong"), "***: '***' is wrong");
}

TEST(redaction, takes_the_longer_of_two_that_overlap) {
  EXPECT_EQ(of({"hunter2", "hunter2-and-more"}).apply("x hunter2-and-more"), "x ***");
}

TEST(redaction, handles_secrets_of_several_lines_and_any_bytes) {
  EXPECT_EQ(of({"-----\nAB\xff\n"}).apply("key -----\nAB\xff\n!"), "key ***!");
}

TEST(redaction, leaves_short_secrets_alone) {
  EXPECT_TRUE(of({"", "abc"}).empty());
  EXPECT_EQ(of({"abc"}).apply("abcdef"), "abcdef");
}

TEST(redaction, does_not_find_a_secret_in_its_own_mask) {
  EXPECT_EQ(of({"****"}).apply("a **** b"), "a *** b");
}

}  // namespace
}  // namespace scanhost::base
