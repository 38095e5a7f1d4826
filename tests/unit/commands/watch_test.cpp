// SPDX-License-Identifier: Apache-2.0
//
// What a watched text is on a terminal.
#include "commands/watch.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace scanhost::commands {
namespace {

TEST(watch, a_frame_begins_at_the_top_and_clears_what_is_left_of_the_one_before) {
  EXPECT_EQ(frame_of("a\nb\n", 24), "\033[H\033[?7la\033[K\nb\033[K\n\033[J\033[?7h");
}

TEST(watch, a_frame_has_no_more_lines_than_the_terminal) {
  EXPECT_EQ(frame_of("a\nb\nc\nd\n", 4),
            "\033[H\033[?7la\033[K\nb\033[K\n(2 more lines below)\033[K\n\033[J\033[?7h");
  EXPECT_EQ(frame_of("a\nb\n", 4), "\033[H\033[?7la\033[K\nb\033[K\n\033[J\033[?7h");
}

TEST(watch, a_terminal_of_unknown_size_gets_every_line) {
  const std::string text(1000, '\n');
  const auto frame = frame_of(text, 0);
  EXPECT_EQ(std::count(frame.begin(), frame.end(), '\n'), 1000);
}

base::environment variables(std::optional<std::string> no_color, std::optional<std::string> kind) {
  return [no_color = std::move(no_color), kind = std::move(kind)](const char* name) {
    return std::string_view(name) == "NO_COLOR" ? no_color
           : std::string_view(name) == "TERM"   ? kind
                                                : std::nullopt;
  };
}

TEST(terminal, has_colours_unless_it_cannot_or_must_not) {
  EXPECT_TRUE(wants_colors(variables({}, "xterm")));
  EXPECT_TRUE(wants_colors(variables("", "xterm")));
  EXPECT_FALSE(wants_colors(variables("1", "xterm")));
  EXPECT_FALSE(wants_colors(variables({}, "dumb")));
  EXPECT_FALSE(wants_colors(variables({}, {})));
}

}  // namespace
}  // namespace scanhost::commands
