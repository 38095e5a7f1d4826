// SPDX-License-Identifier: Apache-2.0
//
// Values of options: every type, units, bounds, choices, defaults, and how they are shown.
#include "config/option_value.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace scanhost::config {
namespace {

using testing::ElementsAre;
using list = std::vector<std::string>;

option of(option_type type, std::optional<std::int64_t> minimum = {},
          std::optional<std::int64_t> maximum = {}) {
  option table;
  table.name = "x";
  table.type = type;
  table.minimum = minimum;
  table.maximum = maximum;
  return table;
}

option real_option(std::optional<double> minimum, std::optional<double> maximum) {
  auto table = of(option_type::real);
  table.real_minimum = minimum;
  table.real_maximum = maximum;
  return table;
}

option choice() {
  auto table = of(option_type::choice);
  table.choices = {"auto", "global", "namespaced"};
  return table;
}

option with_default(option table, std::string text) {
  table.default_value = std::move(text);
  return table;
}

std::string reason(const value_or_problem& value) { return value ? "it is fine" : value.error().reason; }
std::string refusal(const option& table, const std::string& text) { return reason(parse_value(table, text)); }

TEST(option_value, reads_numbers_with_their_units) {
  EXPECT_EQ(parse_value(of(option_type::integer), "-20").value(), option_value(std::int64_t{-20}));
  EXPECT_EQ(parse_value(of(option_type::duration), "7d").value(), option_value(std::int64_t{604'800'000}));
  EXPECT_EQ(parse_value(of(option_type::size), "64KiB").value(), option_value(std::int64_t{65'536}));
  EXPECT_EQ(parse_value(of(option_type::flag), "true").value(), option_value(std::int64_t{1}));
  EXPECT_EQ(parse_value(of(option_type::real), "-1e-3").value(), option_value(-0.001));
  EXPECT_EQ(parse_value(of(option_type::real), "3").value(), option_value(3.0));
}

TEST(option_value, refuses_what_is_not_of_the_type) {
  EXPECT_EQ(refusal(of(option_type::integer), "5x"), "'5x' is not a whole number in decimal digits");
  EXPECT_EQ(refusal(of(option_type::flag), "maybe"), "expected true or false, found 'maybe'");
  for (const char* text : {"", "-", ".5", "5.", "1e", "inf", "nan", "0x10", "01.5", "+1", "1 "})
    EXPECT_FALSE(parse_value(of(option_type::real), text).has_value()) << text;
  EXPECT_EQ(refusal(of(option_type::real), "half"), "'half' is not a number such as 3, 0.5 or -1e-3");
  EXPECT_EQ(refusal(of(option_type::real), "1e999"), "'1e999' is too large or too small");
}

TEST(option_value, takes_zero_for_a_bound_like_any_other) {
  EXPECT_EQ(refusal(of(option_type::integer, 0), "-5"), "'-5' is out of range; the minimum is 0");
  EXPECT_EQ(refusal(of(option_type::integer, {}, 0), "1"), "'1' is out of range; the maximum is 0");
  EXPECT_EQ(refusal(of(option_type::integer, 0, 0), "1"), "'1' is out of range; the range is 0 to 0");
}

TEST(option_value, holds_every_type_to_its_bounds) {
  EXPECT_EQ(refusal(of(option_type::duration, 0, 60'000), "2m"),
            "'2m' is out of range; the range is 0ms to 1m");
  EXPECT_EQ(refusal(of(option_type::text, 1), ""), "expected at least 1 byte, found 0");
  EXPECT_EQ(refusal(of(option_type::text, {}, 2), "abc"), "expected at most 2 bytes, found 3");
  EXPECT_EQ(refusal(real_option(0, 1), "1.5"), "'1.5' is out of range; the range is 0 to 1");
  EXPECT_EQ(refusal(real_option(0.25, {}), "0"), "'0' is out of range; the minimum is 0.25");
  EXPECT_EQ(reason(make_list(of(option_type::text_list, 1, 2), {"a", "b", "c"})),
            "expected 1 to 2 elements, found 3");
}

TEST(option_value, keeps_commas_and_blanks_in_the_elements_of_a_list) {
  EXPECT_EQ(make_list(of(option_type::text_list), {"a", "c, d", ""}).value(),
            option_value(list{"a", "c, d", ""}));
}

TEST(option_value, suggests_the_choice_that_was_meant) {
  EXPECT_EQ(parse_value(choice(), "global").value(), option_value("global"));
  EXPECT_EQ(refusal(choice(), "globl"), "'globl' is none of its choices; did you mean 'global'?");
  EXPECT_EQ(refusal(choice(), "xyzzy"), "'xyzzy' is none of its choices; they are auto, global, namespaced");
}

TEST(option_value, takes_nothing_for_the_default_of_its_type) {
  EXPECT_EQ(default_value(of(option_type::text)).value(), option_value(""));
  EXPECT_EQ(default_value(of(option_type::text_list)).value(), option_value(list{}));
  EXPECT_EQ(default_value(of(option_type::duration)).value(), option_value(std::int64_t{0}));
  EXPECT_EQ(default_value(of(option_type::flag)).value(), option_value(std::int64_t{0}));
  EXPECT_EQ(default_value(of(option_type::real)).value(), option_value(0.0));
  EXPECT_EQ(default_value(choice()).value(), option_value("auto"));
}

TEST(option_value, holds_a_default_to_the_rules_of_every_value) {
  EXPECT_EQ(default_value(with_default(choice(), "namespaced")).value(), option_value("namespaced"));
  EXPECT_FALSE(default_value(with_default(choice(), "other")).has_value());
  EXPECT_FALSE(default_value(with_default(of(option_type::integer, 6, 9), "5")).has_value());
  EXPECT_FALSE(default_value(of(option_type::integer, 1)).has_value());
  EXPECT_FALSE(default_value(with_default(of(option_type::flag), "maybe")).has_value());
  EXPECT_FALSE(default_value(of(option_type::text_list, 1)).has_value());
}

TEST(option_value, leaves_required_and_secret_options_out_of_the_defaults) {
  description plugin;
  plugin.options = {of(option_type::integer), of(option_type::text), of(option_type::text)};
  plugin.options[1].name = "url";
  plugin.options[1].required = true;
  plugin.options[2].name = "token";
  plugin.options[2].secret = true;
  EXPECT_EQ(default_values(plugin), (option_values{{"x", std::int64_t{0}}}));
}

TEST(option_value, invents_values_within_the_rules) {
  auto text = of(option_type::text, 20, 30), words = of(option_type::text_list, 2, 5);
  for (const auto& table : {of(option_type::text), text, of(option_type::text, {}, 3)})
    EXPECT_TRUE(parse_value(table, std::get<std::string>(invent_value(table))).has_value());
  EXPECT_TRUE(make_list(words, std::get<list>(invent_value(words))).has_value());
  EXPECT_EQ(invent_value(of(option_type::text_list)), option_value(list{"example"}));
  EXPECT_EQ(invent_value(of(option_type::integer, {}, -5)), option_value(std::int64_t{-5}));
  EXPECT_EQ(invent_value(of(option_type::duration, 2000)), option_value(std::int64_t{2000}));
  EXPECT_EQ(invent_value(real_option({}, 0.5)), option_value(0.5));
  EXPECT_EQ(invent_value(choice()), option_value("auto"));
}

TEST(option_value, is_shown_as_it_would_stand_in_yaml) {
  EXPECT_EQ(format_value(of(option_type::duration), std::int64_t{60'000}), "1m");
  EXPECT_EQ(format_value(of(option_type::size), std::int64_t{65'536}), "64KiB");
  EXPECT_EQ(format_value(of(option_type::flag), std::int64_t{1}), "true");
  EXPECT_EQ(format_value(of(option_type::real), 0.5), "0.5");
  EXPECT_EQ(format_value(of(option_type::text), std::string("a b\n")), R"('a b\x0a')");
  EXPECT_EQ(format_value(of(option_type::text_list), list{"a", "c, d"}), "[a, 'c, d']");
}

TEST(option_value, shows_the_bounds_that_there_are) {
  EXPECT_EQ(format_bounds(of(option_type::integer)), "");
  EXPECT_EQ(format_bounds(of(option_type::integer, 0)), "from 0");
  EXPECT_EQ(format_bounds(of(option_type::duration, {}, 60'000)), "up to 1m");
  EXPECT_EQ(format_bounds(real_option(0, 0.5)), "from 0 to 0.5");
}

TEST(option_value, is_given_by_other_keys_where_it_is_secret) {
  auto table = of(option_type::text);
  EXPECT_THAT(yaml_keys(table), ElementsAre("x"));
  table.secret = true;
  EXPECT_THAT(yaml_keys(table), ElementsAre("x_file", "x_env"));
}

}  // namespace
}  // namespace scanhost::config
