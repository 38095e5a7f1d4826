// SPDX-License-Identifier: Apache-2.0
//
// What `scanhost ctl failures` prints, from the JSON that a host gives.
#include "commands/ctl_failures.hpp"

#include <gtest/gtest.h>

#include "admin/failures_json.hpp"

namespace scanhost::commands {
namespace {

runner::failing_item poison_item() {
  runner::failing_item item;
  item.scanner = "sweeper";
  item.partition = "{fp:0}";
  item.item = "a\x1b";
  item.times = 3;
  item.since = base::timestamp(base::milliseconds(1000));
  item.message = "WRONGTYPE";
  item.cycles_left = 4;
  return item;
}

TEST(ctl_failures, has_a_row_for_each_item) {
  EXPECT_EQ(failures_text(admin::failures_json({{poison_item()}, 0})).value(),
            "SCANNER  PARTITION  ITEM   TIMES  SINCE                 BACK-OFF  NEXT TRY  LAST MESSAGE\n"
            "sweeper  {fp:0}     a\\x1b      3  1970-01-01T00:00:01Z  yes       "
            "       -  WRONGTYPE\n");
}

TEST(ctl_failures, says_so_when_nothing_fails) {
  EXPECT_EQ(failures_text(admin::failures_json({})).value(), "no item fails\n");
}

TEST(ctl_failures, says_how_many_are_left_out) {
  const auto text = failures_text(admin::failures_json({{poison_item()}, 2})).value();
  EXPECT_NE(text.find("\n2 more items not listed here; --limit lists up to 1000\n"), std::string::npos)
      << text;
}

TEST(ctl_failures, says_so_when_the_json_is_of_another_version) {
  for (const char* text : {"", "{}", "[]", R"({"failures":[{}],"left_out":0})"}) {
    const auto result = failures_text(text);
    ASSERT_FALSE(result) << text;
    EXPECT_EQ(result.error().code, base::errc::data);
  }
}

}  // namespace
}  // namespace scanhost::commands
