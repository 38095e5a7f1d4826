// SPDX-License-Identifier: Apache-2.0
#include "reload/answer.hpp"

#include <gtest/gtest.h>

namespace scanhost::reload {
namespace {

TEST(answer, says_so_when_nothing_was_done) {
  const auto result = answer_builder().finish("nothing has changed");
  EXPECT_EQ(result.code, base::exit_code::ok);
  EXPECT_EQ(result.message, "nothing has changed\n");
  EXPECT_EQ(result.data, "{\"scanners\":[],\"notes\":[]}\n");
}

TEST(answer, has_a_line_for_each_scanner_and_each_note) {
  answer_builder builder;
  builder.add("sweep", "reloaded", "build a -> b");
  builder.add("other", "stopped", "");
  builder.note("needs a restart of the host: admin.listen");
  const auto result = builder.finish("nothing");
  EXPECT_EQ(result.message,
            "sweep: reloaded: build a -> b\nother: stopped\nneeds a restart of the host: admin.listen\n");
}

TEST(answer, keeps_the_code_of_the_first_failure) {
  answer_builder builder;
  builder.fail(base::errc::data);
  builder.fail(base::errc::os);
  EXPECT_EQ(builder.finish("").code, base::exit_code::data);
}

TEST(answer, replaces_bytes_that_are_not_utf8) {
  answer_builder builder;
  builder.add("sweep", "refused", "\xff");
  EXPECT_NE(builder.finish("").data.find("\xEF\xBF\xBD"), std::string::npos);
}

}  // namespace
}  // namespace scanhost::reload
