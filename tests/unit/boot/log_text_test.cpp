// SPDX-License-Identifier: Apache-2.0
//
// What becomes of messages that hold bytes of a plugin or of the store.
#include "boot/log_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/utf8.hpp"

namespace scanhost::boot {
namespace {

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

}  // namespace
}  // namespace scanhost::boot
