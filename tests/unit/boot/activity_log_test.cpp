// SPDX-License-Identifier: Apache-2.0
//
// What the log says once a minute.
#include "boot/activity_log.hpp"

#include <gmock/gmock.h>

#include "support/kept_log.hpp"

namespace scanhost::boot {
namespace {

using std::chrono::seconds;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class activity : public testing::Test {
 protected:
  activity() { log_.report(scanners_, now_); }

  std::vector<tests::kept_line> report_after(seconds span) {
    now_ += span;
    log_.report(scanners_, now_);
    return lines_.take();
  }

  runner::scanner_status& carts() { return scanners_[0]; }

  tests::kept_log lines_;
  base::steady_time now_{std::chrono::hours(1)};
  std::vector<runner::scanner_status> scanners_ = [] {
    std::vector<runner::scanner_status> scanners(2);
    scanners[0].name = "carts";
    scanners[1].name = "parcels";
    return scanners;
  }();
  activity_log log_;
};

TEST_F(activity, is_not_reported_before_a_minute_has_passed) {
  carts().totals.processed = 5;
  EXPECT_THAT(report_after(seconds(59)), IsEmpty());
  EXPECT_THAT(report_after(seconds(1)), SizeIs(2));
}

TEST_F(activity, is_one_line_for_a_host_at_rest) {
  carts().cycles = 60;
  carts().totals.processed = carts().totals.unchanged = 2600;
  carts().repeated_lines = 88;
  const auto lines = report_after(seconds(60));
  ASSERT_THAT(lines, SizeIs(1));
  EXPECT_EQ(lines[0].event, "host_alive");
  EXPECT_EQ(lines[0].text,
            "alive: 2 scanners, 0 of them with changes or errors; in 60 s: cycles=60 processed=2600 "
            "unchanged=2600 errors=0 skipped=0 repeated_lines=88");
}

TEST_F(activity, is_a_line_for_each_scanner_that_changed_something_or_met_errors) {
  carts().totals.processed = 7;
  scanners_[1].totals.errors = 2;
  const auto lines = report_after(seconds(60));
  ASSERT_THAT(lines, SizeIs(3));
  EXPECT_EQ(lines[0].event, "scanner_activity");
  EXPECT_THAT(lines[0].text, HasSubstr("scanner=carts in 60 s: cycles=0 processed=7 unchanged=0 errors=0"));
  EXPECT_THAT(lines[1].text, HasSubstr("scanner=parcels in 60 s: cycles=0 processed=0 unchanged=0 errors=2"));
  EXPECT_THAT(lines[2].text, HasSubstr("alive: 2 scanners, 2 of them"));
}

TEST_F(activity, is_that_of_the_last_minute_only) {
  carts().totals.processed = 7;
  report_after(seconds(60));
  carts().totals.processed = 10;
  EXPECT_THAT(report_after(seconds(60)).front().text, HasSubstr("processed=3"));
  EXPECT_THAT(report_after(seconds(60)), SizeIs(1));
}

TEST_F(activity, counts_errors_by_cause) {
  carts().totals.errors = 3;
  carts().failure_causes = {{"no core", 2}, {"WRONGTYPE", 1}};
  report_after(seconds(60));
  carts().totals.errors = 5;
  carts().failure_causes["no core"] = 4;
  EXPECT_THAT(
      report_after(seconds(60)).front().text,
      AllOf(HasSubstr("errors=2"), HasSubstr("; 2 failures for: no core"), Not(HasSubstr("WRONGTYPE"))));
}

TEST_F(activity, begins_anew_with_a_scanner_that_begins_anew) {
  carts().totals.processed = 100;
  report_after(seconds(60));
  carts().totals.processed = 4;
  EXPECT_THAT(report_after(seconds(60)).front().text, HasSubstr("processed=4 "));
}

}  // namespace
}  // namespace scanhost::boot
