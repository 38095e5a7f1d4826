// SPDX-License-Identifier: Apache-2.0
//
// What a child process reports, and what the way it ended shows.
#include "verify/report.hpp"

#include <gmock/gmock.h>

#include "verify/check_input.hpp"
#include "verify/verify.hpp"

namespace scanhost::verify {
namespace {

using ::testing::HasSubstr;

constexpr int exit_with_3 = 3 << 8;
constexpr int by_sigsegv = 11;

check_result judged(plugin::child_ending ending) {
  return judge({"scan", "it scans", verdict::skipped, {}, "not run yet"}, ending, base::milliseconds(700));
}

TEST(check_report, reads_what_was_written) {
  const auto finding = found(fault::finished_twice, "a \"quoted\"\nline");
  const auto report =
      read_check_report(line_of_step("in its scan") + "not json\n[1]\n" + line_of(finding) + line_of_done());
  EXPECT_EQ(report.step, "in its scan");
  EXPECT_EQ(report.found, findings{finding});
  EXPECT_TRUE(report.done);
  EXPECT_FALSE(report.hung);
}

TEST(check_report, reads_what_was_exercised) {
  const exercise seen{12, 24, 168, 144, 140, 3, true, {"FT.SEARCH"}};
  EXPECT_EQ(read_check_report(line_of(seen)).exercised, seen);
  EXPECT_EQ(
      to_text(seen),
      "12 scans, 24 pages, 168 commands, 144 of them acting; the model of a store does not know FT.SEARCH");
}

TEST(check_report, takes_acting_processing_and_holding_back_for_work) {
  EXPECT_FALSE((exercise{.scans = 3, .commands = 9, .skipped = 4}.seen_at_work()));
  EXPECT_TRUE((exercise{.acting_calls = 1}.seen_at_work()));
  EXPECT_TRUE((exercise{.processed = 1}.seen_at_work()));
  EXPECT_TRUE((exercise{.skipped = 4, .holds_back = true}.seen_at_work()));
}

TEST(check_input, gives_back_options_and_records_of_any_bytes) {
  const check_input given{{{"token", std::string("\xff\0x", 3)}, {"count", std::int64_t{5}}},
                          {{"SET", std::string("k\0", 2), "\xfe"}}};
  const auto read = decode(encode(given));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->values, given.values);
  EXPECT_EQ(read->store, given.store);
  EXPECT_FALSE(decode("something else").has_value());
}

TEST(check_report, passes_over_lines_that_are_cut_or_not_its_own) {
  const auto report = read_check_report("{\"fault\": 7}\n{\"step\": {}}\n{\"fault\": \"cut");
  EXPECT_TRUE(report.found.empty());
  EXPECT_FALSE(report.done);
}

TEST(check_ending, passes_when_the_child_came_to_its_end_and_found_nothing) {
  const auto result = judged({false, 0, line_of_done(), ""});
  EXPECT_EQ(result.outcome, verdict::passed);
  EXPECT_TRUE(result.skipped_because.empty());
}

TEST(check_ending, is_a_crash_where_a_signal_ended_it) {
  const auto result = judged({false, by_sigsegv, line_of_step("in its create"), "oh dear"});
  ASSERT_EQ(result.found.size(), 1U);
  EXPECT_EQ(result.found[0].fault, "crashed");
  EXPECT_THAT(result.found[0].what, HasSubstr("SIGSEGV in its create (its output: oh dear)"));
}

TEST(check_ending, is_no_second_finding_where_another_explains_the_crash) {
  const auto result =
      judged({false, by_sigsegv,
              line_of_step("in a callback") + line_of(found(fault::reply_after_release, "read late")), ""});
  ASSERT_EQ(result.found.size(), 1U);
  EXPECT_EQ(result.found[0].fault, "reply_after_release");
  EXPECT_EQ(result.found[0].what, "read late, in a callback");
}

TEST(check_ending, is_a_hang_where_the_child_or_the_parent_saw_the_deadline_pass) {
  for (const auto& ending :
       {plugin::child_ending{true, 9, line_of_step("in its scan"), ""},
        plugin::child_ending{false, 256, line_of_step("in its scan") + "{\"hung\":true}\n", ""}}) {
    const auto result = judged(ending);
    ASSERT_EQ(result.found.size(), 1U);
    EXPECT_EQ(result.found[0].fault, "hung");
    EXPECT_THAT(result.found[0].what, HasSubstr("within 700 ms in its scan"));
  }
}

TEST(check_ending, is_an_end_of_the_process_where_it_was_not_the_checks_own) {
  const auto result = judged({false, exit_with_3, line_of_step("in its scan"), ""});
  ASSERT_EQ(result.found.size(), 1U);
  EXPECT_EQ(result.found[0].fault, "ended_process");
}

TEST(judge, does_not_blame_the_exit_of_a_missing_sanitizer_runtime_on_the_plugin) {
  const plugin::child_ending ending{false, 1 << 8, "",
                                    "==7==ASan runtime does not come first in initial library"};
  const auto judged = judge({"load", "", verdict::passed, {}}, ending, base::milliseconds(1000));
  ASSERT_EQ(judged.found.size(), 1U);
  EXPECT_NE(judged.found.front().fix.find("LD_PRELOAD"), std::string::npos);
}

}  // namespace
}  // namespace scanhost::verify
