// SPDX-License-Identifier: Apache-2.0
//
// Lists in fields, and windows.
#include "unblock/text.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "common/window.hpp"

namespace ff {
namespace {

std::vector<std::string> tokens(std::string_view list) {
  std::vector<std::string> found;
  for_each_token(list, [&](std::string_view token) {
    found.emplace_back(token);
    return true;
  });
  return found;
}

TEST(text, splits_at_every_comma_and_keeps_empty_tokens) {
  EXPECT_EQ(tokens("a,b"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(tokens(",a,,"), (std::vector<std::string>{"", "a", "", ""}));
  EXPECT_EQ(tokens(""), (std::vector<std::string>{""}));
}

TEST(text, stops_when_it_is_told_to) {
  int seen = 0;
  for_each_token("a,b,c", [&](std::string_view) { return ++seen < 2; });
  EXPECT_EQ(seen, 2);
}

TEST(text, trims_blanks_and_nothing_else) {
  EXPECT_EQ(trimmed(" \t a b \r\n"), "a b");
  EXPECT_EQ(trimmed("   "), "");
  EXPECT_EQ(trimmed("a"), "a");
}

TEST(window, starts_that_many_seconds_ago_but_never_before_time) {
  const auto now = scanhost::from_ms(1'700'000'000'250);
  EXPECT_EQ(window_start(now, 60), scanhost::from_ms(1'699'999'940'250));
  EXPECT_EQ(window_start(now, 0), now);
  EXPECT_EQ(window_start(now, 1'700'000'000), scanhost::from_ms(250));
  EXPECT_EQ(window_start(now, 1'700'000'001), scanhost::timestamp{});
  EXPECT_EQ(window_start(now, UINT64_MAX), scanhost::timestamp{});
}

}  // namespace
}  // namespace ff
