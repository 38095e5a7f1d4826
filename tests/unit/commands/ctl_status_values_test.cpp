// SPDX-License-Identifier: Apache-2.0
//
// Values of a status as people read them.
#include "commands/ctl_status_values.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace scanhost::commands::shown {
namespace {

using namespace std::chrono_literals;

TEST(shown, spans_have_at_most_two_units) {
  EXPECT_EQ(span(-5ms), "0ms");
  EXPECT_EQ(span(999ms), "999ms");
  EXPECT_EQ(span(1999ms), "1s");
  EXPECT_EQ(span(59'999ms), "59s");
  EXPECT_EQ(span(60s), "1m");
  EXPECT_EQ(span(725s), "12m5s");
  EXPECT_EQ(span(3h + 12min + 59s), "3h12m");
  EXPECT_EQ(span(24h), "1d");
  EXPECT_EQ(span(52h), "2d4h");
}

TEST(shown, counts_have_at_most_six_characters) {
  EXPECT_EQ(short_count(0), "0");
  EXPECT_EQ(short_count(999'999), "999999");
  EXPECT_EQ(short_count(1'000'000), "1.0M");
  EXPECT_EQ(short_count(123'456'789), "123M");
  EXPECT_EQ(short_count(123'456'789'000), "123G");
  EXPECT_EQ(short_count(18'446'744'073'709'551'615U), "> 1P");
  for (std::uint64_t value = 1; value < 10'000'000'000'000'000'000U; value *= 10)
    EXPECT_LE(short_count(value - 1).size(), 6u) << value;
}

TEST(shown, rates_have_at_most_six_characters) {
  EXPECT_EQ(rate(0), "0/s");
  EXPECT_EQ(rate(0.26), "0.3/s");
  EXPECT_EQ(rate(9.96), "10/s");
  EXPECT_EQ(rate(9999.4), "9999/s");
  EXPECT_EQ(rate(9999.6), "10k/s");
  EXPECT_EQ(rate(123'456), "123k/s");
}

TEST(shown, texts_are_cut_between_characters) {
  EXPECT_EQ(shorten("abcdef", 6), "abcdef");
  EXPECT_EQ(shorten("abcdefg", 6), "abc...");
  EXPECT_EQ(shorten("\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", 4), "\xc3\xa9...");
  EXPECT_EQ(shorten("abc", 2), "..");
  EXPECT_EQ(shorten("abc", 0), "");
}

TEST(shown, texts_are_one_line_without_control_characters) {
  EXPECT_EQ(on_a_line("a\n\nb\n"), "a; b");
  EXPECT_EQ(on_a_line("\x1b[2J\r"), "\\x1b[2J\\x0d");
  EXPECT_EQ(text(nlohmann::json("\xc2\x9b"
                                "2J")),
            "\\xc2\\x9b2J");
}

}  // namespace
}  // namespace scanhost::commands::shown
