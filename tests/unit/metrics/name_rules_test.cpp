// SPDX-License-Identifier: Apache-2.0
#include "metrics/name_rules.hpp"

#include <gtest/gtest.h>

namespace scanhost::metrics {
namespace {

TEST(name_rules, allows_letters_digits_underscores_and_colons) {
  EXPECT_TRUE(valid_metric_name("engine_scanner:cycles_total2"));
  EXPECT_TRUE(valid_metric_name("_x"));
}

TEST(name_rules, refuses_a_metric_name_that_a_scraper_would_not_read) {
  for (const char* name : {"", "2x", "a-b", "a b", "a.b", "\xc3\xa9"})
    EXPECT_FALSE(valid_metric_name(name)) << name;
}

TEST(name_rules, refuses_label_names_that_prometheus_keeps_for_itself) {
  EXPECT_TRUE(valid_label_name("scanner"));
  EXPECT_TRUE(valid_label_name("_one"));
  for (const char* name : {"", "__name__", "a:b", "1a", "a-b"}) EXPECT_FALSE(valid_label_name(name)) << name;
}

TEST(name_rules, keeps_a_help_text_on_one_line) { EXPECT_EQ(escaped_help("a\nb\\c"), "a\\nb\\\\c"); }

}  // namespace
}  // namespace scanhost::metrics
