// SPDX-License-Identifier: Apache-2.0
//
// Numbers, durations and sizes.
#include "config/quantity.hpp"

#include <gmock/gmock.h>

namespace scanhost::config {
namespace {

using testing::HasSubstr;

TEST(quantity, reads_durations_in_every_unit) {
  EXPECT_EQ(*parse_duration("1500ms"), 1500);
  EXPECT_EQ(*parse_duration("2s"), 2000);
  EXPECT_EQ(*parse_duration("5m"), 300'000);
  EXPECT_EQ(*parse_duration("1h"), 3'600'000);
  EXPECT_EQ(*parse_duration("7d"), 604'800'000);
  EXPECT_EQ(*parse_duration("0ms"), 0);
}

TEST(quantity, reads_fractions_that_are_whole_milliseconds) {
  EXPECT_EQ(*parse_duration("1.5s"), 1500);
  EXPECT_EQ(*parse_duration("0.25m"), 15'000);
  EXPECT_EQ(*parse_duration("1.500000000000s"), 1500);
}

TEST(quantity, refuses_to_round_a_duration) {
  EXPECT_THAT(parse_duration("1.5ms").error(), HasSubstr("more decimal places than can be kept"));
  EXPECT_THAT(parse_duration("0.0001s").error(), HasSubstr("more decimal places than can be kept"));
}

TEST(quantity, proposes_a_unit_for_a_bare_number) {
  EXPECT_EQ(parse_duration("1500").error(), "'1500' has no unit; write 1500ms, or 1500s if it means seconds");
}

TEST(quantity, refuses_what_is_no_duration) {
  for (const char* text :
       {"", "s", "-1s", "+1s", " 1s", "1 s", ".5s", "1.s", "1e3s", "0x1s", "soon", "1s1s", "1S"})
    EXPECT_FALSE(parse_duration(text)) << text;
  EXPECT_THAT(parse_duration("5min").error(), HasSubstr("the units are ms, s, m, h and d"));
}

TEST(quantity, refuses_what_overflows) {
  EXPECT_THAT(parse_duration("99999999999999999999s").error(), HasSubstr("too large"));
  EXPECT_THAT(parse_duration("9223372036854775807d").error(), HasSubstr("too large"));
  EXPECT_THAT(parse_integer("9223372036854775808").error(), HasSubstr("too large"));
  EXPECT_THAT(parse_size("9223372036854775807GiB").error(), HasSubstr("too large"));
}

TEST(quantity, reads_sizes_binary_and_decimal) {
  EXPECT_EQ(*parse_size("512"), 512);
  EXPECT_EQ(*parse_size("512B"), 512);
  EXPECT_EQ(*parse_size("64KiB"), 65'536);
  EXPECT_EQ(*parse_size("1.5MiB"), 1'572'864);
  EXPECT_EQ(*parse_size("64kB"), 64'000);
  EXPECT_EQ(*parse_size("2MB"), 2'000'000);
  EXPECT_EQ(*parse_size("1GiB"), 1'073'741'824);
}

TEST(quantity, refuses_what_is_no_size) {
  for (const char* text : {"", "-1", "1kb", "1K", "1.5", "KiB", "1 KiB"})
    EXPECT_FALSE(parse_size(text)) << text;
}

TEST(quantity, reads_whole_numbers_in_decimal_alone) {
  EXPECT_EQ(*parse_integer("0"), 0);
  EXPECT_EQ(*parse_integer("-12"), -12);
  EXPECT_EQ(*parse_integer("9223372036854775807"), INT64_MAX);
  for (const char* text : {"", "-", "+1", "010", "0x1f", "1e3", "1.0", "1_000", "1 ", "one"})
    EXPECT_FALSE(parse_integer(text)) << text;
}

TEST(quantity, writes_durations_and_sizes_in_the_largest_whole_unit) {
  EXPECT_EQ(format_duration(base::milliseconds(1500)), "1500ms");
  EXPECT_EQ(format_duration(base::milliseconds(120'000)), "2m");
  EXPECT_EQ(format_duration(base::milliseconds(0)), "0ms");
  EXPECT_EQ(format_size(65'536), "64KiB");
  EXPECT_EQ(format_size(1000), "1000");
}

TEST(quantity, shows_texts_cut_and_without_control_characters) {
  EXPECT_EQ(in_quotes(std::string_view("a\n\0\xff\xc3\xa9", 6)), "'a\\x0a\\x00\\xff\xc3\xa9'");
  EXPECT_LT(in_quotes(std::string(1000, 'x')).size(), 70u);
}

}  // namespace
}  // namespace scanhost::config
