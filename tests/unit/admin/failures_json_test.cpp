// SPDX-License-Identifier: Apache-2.0
//
// The failing items as JSON.
#include "admin/failures_json.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace scanhost::admin {
namespace {

using nlohmann::json;

runner::failing_item poison_item() {
  runner::failing_item item;
  item.scanner = "sweeper";
  item.partition = "{fp:0}";
  item.item = "a";
  item.times = 3;
  item.since = base::timestamp(base::milliseconds(1000));
  item.latest = base::timestamp(base::milliseconds(2000));
  item.message = "WRONGTYPE";
  item.cycles_left = 4;
  item.next_try = base::timestamp(base::milliseconds(9000));
  return item;
}

json list_of(const runner::failing_item& item) { return json::parse(failures_json({{item}, 2})); }

TEST(failures_json, says_all_that_is_known_of_an_item) {
  const json expected{{"scanner", "sweeper"},
                      {"partition", "{fp:0}"},
                      {"item", "a"},
                      {"times", 3},
                      {"since_ms", 1000},
                      {"latest_ms", 2000},
                      {"last_message", "WRONGTYPE"},
                      {"in_back_off", true},
                      {"next_try_ms", 9000}};
  EXPECT_EQ(list_of(poison_item()), (json{{"version", 1}, {"failures", {expected}}, {"left_out", 2}}));
}

TEST(failures_json, says_null_where_no_try_is_planned) {
  auto item = poison_item();
  item.cycles_left = 0;
  item.next_try.reset();
  EXPECT_EQ(list_of(item).at("failures").at(0).at("in_back_off"), false);
  EXPECT_TRUE(list_of(item).at("failures").at(0).at("next_try_ms").is_null());
}

TEST(failures_json, escapes_what_is_not_printable) {
  auto item = poison_item();
  item.item = "\x1b[2J\xff";
  item.message = "two\nlines";
  const auto failing = list_of(item).at("failures").at(0);
  EXPECT_EQ(failing.at("item"), "\\x1b[2J\\xff");
  EXPECT_EQ(failing.at("last_message"), "two\\x0alines");
}

}  // namespace
}  // namespace scanhost::admin
