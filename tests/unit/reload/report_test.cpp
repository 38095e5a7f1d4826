// SPDX-License-Identifier: Apache-2.0
#include "reload/report.hpp"

#include <gtest/gtest.h>

namespace scanhost::reload {
namespace {

TEST(report, says_so_when_nothing_was_done) {
  const auto made = report().finish("nothing has changed");
  EXPECT_EQ(made.code, base::exit_code::ok);
  EXPECT_EQ(made.message, "nothing has changed\n");
  EXPECT_EQ(made.data, "{\"scanners\":[],\"notes\":[]}\n");
}

TEST(report, has_a_line_for_each_scanner_and_each_note) {
  report said;
  said.add("one", "reloaded", "build a -> b");
  said.add("two", "stopped", "");
  said.note("needs a restart of the host: admin.listen");
  const auto made = said.finish("nothing");
  EXPECT_EQ(made.message,
            "one: reloaded: build a -> b\ntwo: stopped\nneeds a restart of the host: admin.listen\n");
}

TEST(report, keeps_the_code_of_the_first_failure) {
  report said;
  said.failed(base::errc::data);
  said.failed(base::errc::os);
  EXPECT_EQ(said.finish("").code, base::exit_code::data);
}

TEST(report, replaces_what_is_no_text) {
  report said;
  said.add("one", "refused", "\xff");
  EXPECT_NE(said.finish("").data.find("\xEF\xBF\xBD"), std::string::npos);
}

}  // namespace
}  // namespace scanhost::reload
