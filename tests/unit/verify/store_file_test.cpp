// SPDX-License-Identifier: Apache-2.0
//
// Commands that fill the store of the checks are read as redis-cli reads them, and wrong ones are refused.
#include "verify/store_file.hpp"

#include <gmock/gmock.h>

namespace scanhost::verify {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string refusal_of(std::string_view text) {
  const auto commands = parse_store_commands(text);
  return commands ? "" : commands.error().message;
}

TEST(store_file, splits_lines_into_words) {
  const auto commands = parse_store_commands("# carts\n\nZADD carts 1 old\r\n  SET  k v\n");
  ASSERT_TRUE(commands.has_value());
  EXPECT_THAT(*commands, ElementsAre(ElementsAre("ZADD", "carts", "1", "old"), ElementsAre("SET", "k", "v")));
}

TEST(store_file, takes_quoted_words_and_escapes) {
  const auto commands = parse_store_commands(R"(SET "a \"b\"\x01\n" 'it\'s \n')");
  ASSERT_TRUE(commands.has_value());
  EXPECT_THAT(commands->front(), ElementsAre("SET", "a \"b\"\x01\n", "it's \\n"));
}

TEST(store_file, names_the_line_of_a_quote_that_is_not_closed) {
  EXPECT_THAT(refusal_of("SET a b\nSET \"a b\n"), HasSubstr("line 2: a quote is not closed"));
  EXPECT_THAT(refusal_of("SET 'a'b c"), HasSubstr("line 1: a quote"));
}

TEST(store_file, refuses_what_the_model_of_a_store_does_not_know) {
  EXPECT_THAT(refusal_of("SET a b\n\nPFADD a b"),
              HasSubstr("line 3: the model of a store does not know PFADD"));
}

TEST(store_file, says_what_is_wrong_with_a_command) {
  EXPECT_THAT(refusal_of("SET a b\nZADD a 1 m"), HasSubstr("line 2: WRONGTYPE"));
  EXPECT_THAT(refusal_of("ZADD a"), HasSubstr("wrong number of arguments"));
}

TEST(store_file, names_a_file_that_is_not_there) {
  const auto commands = read_store_file("/no/such/file");
  ASSERT_FALSE(commands.has_value());
  EXPECT_EQ(commands.error().code, base::errc::no_input);
  EXPECT_THAT(commands.error().message, HasSubstr("/no/such/file"));
}

}  // namespace
}  // namespace scanhost::verify
