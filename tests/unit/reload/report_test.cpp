// SPDX-License-Identifier: Apache-2.0
#include "reload/report.hpp"

#include <gtest/gtest.h>

namespace scanhost::reload {
namespace {

TEST(report, says_so_when_nothing_was_done) {
  const auto outcome = report().finish("nothing has changed");
  EXPECT_EQ(outcome.code, base::exit_code::ok);
  EXPECT_EQ(outcome.message, "nothing has changed\n");
  EXPECT_EQ(outcome.data, "{\"scanners\":[],\"notes\":[]}\n");
}

TEST(report, has_a_line_for_each_scanner_and_each_note) {
  report summary;
  summary.add("one", "reloaded", "build a -> b");
  summary.add("two", "stopped", "");
  summary.note("needs a restart of the host: admin.listen");
  const auto outcome = summary.finish("nothing");
  EXPECT_EQ(outcome.message,
            "one: reloaded: build a -> b\ntwo: stopped\nneeds a restart of the host: admin.listen\n");
}

TEST(report, keeps_the_code_of_the_first_failure) {
  report summary;
  summary.failed(base::errc::data);
  summary.failed(base::errc::os);
  EXPECT_EQ(summary.finish("").code, base::exit_code::data);
}

TEST(report, replaces_what_is_no_text) {
  report summary;
  summary.add("one", "refused", "\xff");
  EXPECT_NE(summary.finish("").data.find("\xEF\xBF\xBD"), std::string::npos);
}

}  // namespace
}  // namespace scanhost::reload
