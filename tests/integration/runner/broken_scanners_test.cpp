// SPDX-License-Identifier: Apache-2.0
//
// Plugins that fail or break the contract: no harm to the host, a reason for people, and a new start.
#include <atomic>

#include "integration/runner/fixture.hpp"
#include "runner/replacement.hpp"

namespace scanhost::test {
namespace {

using namespace std::chrono_literals;

class broken_scanners : public runner_test {
 protected:
  // Why the plugin could not run a full cycle.
  std::string problem_of(const std::string& name, plan::scanner_plan plan) {
    const auto reports = run(3, std::move(plan));
    if (reports) return name + " ran";
    EXPECT_EQ(reports.error().code, base::errc::software);
    return reports.error().message;
  }
  std::string problem_of(const std::string& name) { return problem_of(name, plan(name)); }
};

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

TEST_F(broken_scanners, are_told_when_they_finish_a_scan_twice) {
  const auto problem = problem_of("finishes_twice");
  EXPECT_TRUE(has(problem, "finished a scan that is over")) << problem;
}

TEST_F(broken_scanners, are_told_when_they_finish_with_callbacks_still_to_come) {
  const auto problem = problem_of("finishes_too_early");
  EXPECT_TRUE(has(problem, "callbacks still to come")) << problem;
}

TEST_F(broken_scanners, are_told_what_they_threw) {
  const auto problem = problem_of("throws_in_scan");
  EXPECT_TRUE(has(problem, "partition two is cursed")) << problem;
  EXPECT_TRUE(has(problem, "{s:2}")) << problem;
}

TEST_F(broken_scanners, do_no_harm_with_an_exception_across_the_boundary) {
  const auto problem = problem_of("throws_across");
  EXPECT_TRUE(has(problem, "over the border")) << problem;
}

TEST_F(broken_scanners, may_refuse_to_begin_a_cycle) {
  const auto problem = problem_of("fails_in_begin_cycle");
  EXPECT_TRUE(has(problem, "no second cycle")) << problem;
}

TEST_F(broken_scanners, are_cancelled_and_then_given_up_when_they_never_finish) {
  auto impatient = plan("never_finishes");
  impatient.settings.scan_timeout = 50ms;
  impatient.settings.hang_timeout = 2s;
  const auto problem = problem_of("never_finishes", std::move(impatient));
  EXPECT_TRUE(has(problem, "never finished")) << problem;
}

TEST_F(broken_scanners, start_anew_and_count_it) {
  const auto subject = scanner(plan("throws_in_scan"));
  subject->start(0ms);
  ASSERT_TRUE(eventually([&] { return subject->status().restarts >= 2; }));
  EXPECT_TRUE(has(subject->status().last_error, "partition two is cursed"));
  EXPECT_EQ(subject->status().generation, 1u);
  EXPECT_GE(metric("scanhost_restarts_total{scanner=\"throws_in_scan\"}"), 2);
}

TEST_F(broken_scanners, do_not_hold_up_a_stop_while_they_back_off) {
  const auto subject = scanner(plan("throws_in_scan"));
  subject->start(0ms);
  ASSERT_TRUE(eventually([&] { return subject->status().state == runner::scanner_state::backing_off; }));
  subject->request_stop();
  EXPECT_EQ(subject->join(base::steady::now() + 60s, 0ms), runner::stop_outcome::stopped);
}

TEST_F(broken_scanners, are_not_tried_again_with_options_that_they_refuse) {
  auto refused = plan("refuses_option");
  refused.settings.options["file"] = file("missing").string();
  const auto subject = scanner(std::move(refused));
  subject->start(0ms);
  ASSERT_TRUE(eventually([&] { return !subject->status().last_error.empty(); }));
  const auto status = subject->status();
  EXPECT_EQ(status.last_error, "create: option 'file': expected a file that exists");
  EXPECT_EQ(status.state, runner::scanner_state::stopped);
  EXPECT_EQ(status.restarts, 0u);
  EXPECT_EQ(status.history.back().outcome, "refused");
  subject->request_stop();
  EXPECT_EQ(subject->join(base::steady::now() + 60s, 0ms), runner::stop_outcome::stopped);
}

TEST_F(broken_scanners, with_refused_options_are_a_wrong_configuration) {
  auto refused = plan("refuses_option");
  refused.settings.options["file"] = file("missing").string();
  const auto reports = run(1, std::move(refused));
  ASSERT_FALSE(reports.has_value());
  EXPECT_EQ(reports.error().code, base::errc::config);
  EXPECT_TRUE(has(reports.error().message, "expected a file that exists")) << reports.error().message;
}

TEST_F(broken_scanners, with_refused_options_start_with_others) {
  auto refused = plan("refuses_option");
  const auto good = refused;
  refused.settings.options["file"] = file("missing").string();
  const auto subject = scanner(std::move(refused));
  subject->start(0ms);
  ASSERT_TRUE(eventually([&] { return subject->status().state == runner::scanner_state::stopped; }));
  runner::replacement replacement(*subject, good);
  const std::atomic<bool> given_up{false};
  ASSERT_TRUE(replacement.prepare(given_up).has_value());
  ASSERT_TRUE(replacement.commit("retuned", "option file changed").has_value());
  EXPECT_TRUE(eventually([&] { return subject->status().cycles > 0; }));
}

TEST_F(broken_scanners, that_repeat_a_secret_do_not_show_it) {
  auto talkative = plan("repeats_secret");
  talkative.settings.options.clear();
  talkative.settings.secrets["token"] = base::secret("hunter2-hunter2");
  const auto subject = scanner(std::move(talkative));
  subject->start(0ms);
  ASSERT_TRUE(eventually([&] { return !subject->status().last_error.empty(); }));
  EXPECT_TRUE(has(subject->status().last_error, "it failed with ***")) << subject->status().last_error;
  EXPECT_FALSE(has(registry_.text(), "hunter2")) << registry_.text();
  EXPECT_TRUE(has(registry_.text(), "who=\"***\"")) << registry_.text();
}

TEST_F(broken_scanners, run_once_what_stood_in_their_way_is_gone) {
  auto uncreatable = plan("fails_in_create");
  uncreatable.settings.options["file"] = file("missing").string();
  const auto subject = scanner(std::move(uncreatable));
  subject->start(0ms);
  ASSERT_TRUE(eventually([&] { return subject->status().restarts >= 1; }));
  std::filesystem::create_directory(file("missing"));
  EXPECT_TRUE(eventually([&] { return subject->status().cycles >= 2; }));
}

TEST_F(broken_scanners, have_nothing_counted_of_a_scan_that_timed_out_but_the_error) {
  auto impatient = plan("waits_long");
  impatient.settings.scan_timeout = 1s;
  const auto reports = run(1, std::move(impatient));
  ASSERT_TRUE(reports) << reports.error().message;
  EXPECT_EQ(reports->front().counts.processed, 3u);
  EXPECT_EQ(reports->front().counts.errors, 1u);
}

}  // namespace
}  // namespace scanhost::test
