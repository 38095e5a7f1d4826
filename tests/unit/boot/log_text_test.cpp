// SPDX-License-Identifier: Apache-2.0
//
// What becomes of messages that hold bytes of a plugin or of the store.
#include "boot/log_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/utf8.hpp"

namespace scanhost::boot {
namespace {

using base::log_field;
using nlohmann::json;
using testing::EndsWith;

// As a reader of the line gets it; throws if the line is not JSON.
std::string read_back(std::string_view message) {
  return nlohmann::json::parse("{\"message\":\"" + json_log_text(message) + "\"}").at("message");
}

TEST(log_text, is_valid_json_for_every_single_byte) {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string message = {'a', static_cast<char>(byte), 'b'};
    EXPECT_EQ(read_back(message), byte < 0x80 ? message
                                              : "a\xEF\xBF\xBD"
                                                "b")
        << byte;
  }
}

TEST(log_text, keeps_what_is_utf8_and_replaces_what_only_resembles_it) {
  EXPECT_EQ(read_back("caf\xc3\xa9 \xf0\x9f\x98\x80"), "caf\xc3\xa9 \xf0\x9f\x98\x80");
  EXPECT_EQ(read_back("item=\xff\xfe"), "item=\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(read_back("cut \xe2\x82"), "cut \xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(log_text, is_cut_where_it_is_too_long_and_says_how_much_is_left_out) {
  const std::string message(max_log_message + 100, 'x');
  EXPECT_EQ(json_log_text(message), std::string(max_log_message, 'x') + " ... (100 more bytes)");
  EXPECT_EQ(human_log_text(message), json_log_text(message));
  EXPECT_EQ(json_log_text(message.substr(100)), message.substr(100));
}

TEST(log_text, is_not_cut_within_a_character) {
  const auto message = std::string(max_log_message - 1, 'x') + "\xe2\x82\xac tail";
  EXPECT_TRUE(base::valid_utf8(json_log_text(message)));
  EXPECT_THAT(json_log_text(message), EndsWith("x\xe2\x82\xac ... (5 more bytes)"));
}

TEST(log_text, does_not_move_the_cursor_of_a_terminal) {
  EXPECT_EQ(human_log_text("a\x1b[2J\rb\nc\td\x7f"), "a?[2J?b\nc\td?");
  EXPECT_EQ(human_log_text("\xff"), "\xEF\xBF\xBD");
}

json members(const std::vector<log_field>& fields) {
  return json::parse("{\"message\":\"m\"" + json_log_context({"carts", fields, {}, {}}) + "}");
}

std::string behind_message(const std::vector<log_field>& fields) {
  return human_log_context({"carts", fields, {}, {}});
}

TEST(log_context, is_nothing_for_a_line_that_is_no_scanners) {
  EXPECT_EQ(json_log_context({}), "");
  EXPECT_EQ(human_log_context({}), "");
}

TEST(log_context, has_numbers_and_booleans_as_such) {
  const auto line = members({{"a", "1500"}, {"b", "-2.5"}, {"c", "0"}, {"d", "true"}, {"e", "false"}});
  EXPECT_EQ(line, (json{{"message", "m"},
                        {"scanner", "carts"},
                        {"a", 1500},
                        {"b", -2.5},
                        {"c", 0},
                        {"d", true},
                        {"e", false}}));
}

TEST(log_context, has_everything_else_as_text) {
  for (const char* text : {"", "-", "007", "1e5", "1.", ".5", "+1", "1 ", "nan", "null", "True",
                           "1234567890123456", "0x1f", "1.2.3", "mail"})
    EXPECT_EQ(members({{"a", text}}).at("a"), text);
}

TEST(log_context, does_not_overwrite_the_members_of_the_host) {
  const auto line =
      members({{"message", "x"}, {"scanner", "y"}, {"time", "1"}, {"level", "2"}, {"thread", "3"}});
  EXPECT_EQ(line.at("message"), "m");
  EXPECT_EQ(line.at("scanner"), "carts");
  EXPECT_EQ(line.at("message_"), "x");
  EXPECT_EQ(line.at("scanner_"), "y");
  for (const char* name : {"time", "level", "thread"}) {
    EXPECT_FALSE(line.contains(name));
    EXPECT_TRUE(line.contains(name + std::string("_")));
  }
}

TEST(log_context, keeps_fields_of_one_name_apart) {
  const auto line = members({{"item", "a"}, {"item", "b"}, {"item_", "c"}});
  EXPECT_EQ(line.at("item"), "a");
  EXPECT_EQ(line.at("item_"), "b");
  EXPECT_EQ(line.at("item__"), "c");
}

TEST(log_context, makes_names_of_whatever_it_is_given) {
  const auto line = members({{"", "1"}, {"a b\"", "2"}, {"3d", "3"}, {std::string_view("\xff\0", 2), "4"}});
  EXPECT_EQ(line.at("_"), 1);
  EXPECT_EQ(line.at("a_b_"), 2);
  EXPECT_EQ(line.at("_3d"), 3);
  EXPECT_EQ(line.at("__"), 4);
}

TEST(log_context, replaces_what_is_not_utf8_in_values) {
  EXPECT_EQ(members({{"item", "\xff\"\n"}}).at("item"), "\xEF\xBF\xBD\"\n");
}

TEST(log_context, is_cut_where_a_value_is_too_long) {
  const std::string value(max_log_field_value + 10, 'x');
  EXPECT_EQ(members({{"a", value}}).at("a"), std::string(max_log_field_value, 'x') + " ... (10 more bytes)");
  const std::string name(max_log_field_name + 10, 'n');
  EXPECT_TRUE(members({{name, "1"}}).contains(name.substr(10)));
}

TEST(log_context, says_how_many_fields_are_left_out) {
  const std::vector<log_field> fields(max_log_fields + 3, {"a", "b"});
  EXPECT_EQ(members(fields).at("fields_left_out"), 3);
  EXPECT_THAT(behind_message(fields), EndsWith(" ... (3 more fields)"));
}

TEST(log_context, quotes_for_people_what_would_run_together) {
  EXPECT_EQ(behind_message({{"queue", "mail"}, {"state", "has left"}, {"id", ""}, {"why", "a=\"b\"\n\x1b"}}),
            R"( queue=mail state="has left" id="" why="a=\"b\"\n?")");
}

}  // namespace
}  // namespace scanhost::boot
