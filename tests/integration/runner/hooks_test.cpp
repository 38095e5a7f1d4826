// SPDX-License-Identifier: Apache-2.0
//
// The hooks of a cycle, begin_cycle and end_cycle, that send commands; and `dropped`, for scans that end
// without having been finished.
#include <fstream>
#include <iterator>

#include "integration/runner/fixture.hpp"

namespace scanhost::test {
namespace {

using namespace std::chrono_literals;
using lines = std::vector<std::string>;
using runner::scanner_state;

class cycle_hooks : public runner_test {
 protected:
  // The plugin's report of its scans goes to the file `report`.
  plan::scanner_plan hooks(const std::string& word = "does_all", const std::string& name = "hooks") {
    auto result = plan(name);
    result.settings.options["file"] = word + " " + file("report").string();
    return result;
  }
  std::string report() const {
    std::ifstream text(file("report"));
    return {std::istreambuf_iterator<char>(text), {}};
  }
  lines calls() {
    lines found;
    for (const auto& line : server_.call({"LRANGE", "calls", "0", "-1"}).elements) found.push_back(line.text);
    return found;
  }
  static lines cycle(const std::string& number) {
    return {"begin " + number, "scan " + number, "scan " + number,
            "scan " + number,  "scan " + number, "end " + number};
  }

  // Commands that write have no answer until they are released: the hook's are open that long.
  void hold_writes() { server_.call({"CLIENT", "PAUSE", "120000", "WRITE"}); }
  void release_writes() { server_.call({"CLIENT", "UNPAUSE"}); }
  bool writes_are_waiting() {
    static constexpr std::string_view name = "blocked_clients:";
    const auto info = server_.call({"INFO", "clients"}).text;  // of a cluster: of each primary
    for (auto at = info.find(name); at != std::string::npos; at = info.find(name, at + 1))
      if (info.at(at + name.size()) != '0') return true;
    return false;
  }
};

class cycle_hooks_of : public cycle_hooks, public testing::WithParamInterface<const char*> {};

TEST_P(cycle_hooks_of, run_before_the_first_scan_and_after_the_last_and_count) {
  const auto reports = run(2, hooks("does_all", GetParam()));
  ASSERT_TRUE(reports) << reports.error().message;
  auto expected = cycle("1");
  for (const auto& line : cycle("2")) expected.push_back(line);
  EXPECT_EQ(calls(), expected);
  for (const auto& each : *reports) {
    EXPECT_EQ(each.counts.processed, 1104u);
    EXPECT_EQ(each.counts.errors, 0u);
  }
  EXPECT_EQ(report(), "dropped=0 open=0");
}

INSTANTIATE_TEST_SUITE_P(plugins, cycle_hooks_of, testing::Values("hooks", "hooks_serial"),
                         [](const auto& name) { return std::string(name.param); });

TEST_F(cycle_hooks, that_wait_for_too_long_are_cancelled_and_the_cycle_goes_on) {
  for (const auto* word : {"waits_in_begin", "waits_in_end"}) {
    server_.call({"DEL", "calls"});
    auto slow = hooks(word);
    slow.settings.scan_timeout = 100ms;
    const auto reports = run(1, std::move(slow));
    ASSERT_TRUE(reports) << reports.error().message;
    EXPECT_EQ(calls(), cycle(calls().front().substr(6))) << word;
    EXPECT_EQ(reports->front().counts.errors, 1u) << word;
    EXPECT_EQ(reports->front().counts.processed, std::string(word) == "waits_in_begin" ? 1004u : 104u);
    EXPECT_EQ(report(), "dropped=0 open=0");
  }
}

TEST_F(cycle_hooks, that_never_finish_fail_the_scanner_and_are_dropped_once) {
  for (const std::string hook : {"begin", "end"}) {
    auto forgetful = hooks("forgets_" + hook);
    forgetful.settings.scan_timeout = 50ms;
    forgetful.settings.hang_timeout = 2s;
    const auto reports = run(1, std::move(forgetful));
    ASSERT_FALSE(reports);
    EXPECT_NE(reports.error().message.find(hook + "_cycle was cancelled and never finished"),
              std::string::npos)
        << reports.error().message;
    EXPECT_EQ(report(), "dropped=1 open=0") << hook;
  }
}

TEST_F(cycle_hooks, that_hang_inside_a_call_are_abandoned_for_a_new_generation) {
  auto hanging = hooks("stays_in_begin");
  hanging.settings.hang_timeout = 100ms;
  const auto subject = scanner(std::move(hanging));
  subject->start(0ms);
  const auto ticking = [&](const std::function<bool()>& so) {
    return eventually([&] {
      subject->tick(base::steady::now());
      return so();
    });
  };
  EXPECT_TRUE(ticking([&] { return subject->status().generation >= 2; }));
  std::ofstream(file("report.go")) << "go on";
  EXPECT_TRUE(
      ticking([&] { return subject->status().cycles >= 1 && subject->status().stuck_generations == 0; }));
}

TEST_F(cycle_hooks, whose_commands_are_open_end_before_a_pause_begins_and_no_scan_starts) {
  hold_writes();
  const auto subject = scanner(hooks());
  subject->start(0ms);
  ASSERT_TRUE(eventually([&] { return writes_are_waiting(); }));
  subject->set_paused(true);
  release_writes();
  ASSERT_TRUE(eventually([&] { return subject->status().state == scanner_state::waiting; }));
  EXPECT_EQ(calls(), lines{"begin 1"});
  EXPECT_EQ(subject->status().cycles, 0u);
  subject->set_paused(false);
  ASSERT_TRUE(eventually([&] { return subject->status().cycles >= 1; }));
  const auto all = calls();
  ASSERT_GE(all.size(), 7u);
  EXPECT_EQ(lines(all.begin() + 1, all.begin() + 7), cycle("2"));
}

TEST_F(cycle_hooks, whose_commands_are_open_do_not_hold_up_a_stop) {
  hold_writes();
  const auto subject = scanner(hooks());
  subject->start(0ms);
  ASSERT_TRUE(eventually([&] { return writes_are_waiting(); }));
  subject->request_stop();
  EXPECT_EQ(subject->join(base::steady::now() + 50ms, 60s), runner::stop_outcome::stopped);
  release_writes();
  EXPECT_EQ(subject->status().cycles, 0u);
  EXPECT_EQ(report(), "dropped=0 open=0");  // cancelled, and then finished
}

TEST_F(cycle_hooks, of_a_cycle_that_a_stop_cuts_short_have_no_end) {
  hold_writes();
  const auto subject = scanner(hooks());
  subject->start(0ms);
  ASSERT_TRUE(eventually([&] { return writes_are_waiting(); }));
  subject->request_stop();
  release_writes();
  EXPECT_EQ(subject->join(base::steady::now() + 60s, 60s), runner::stop_outcome::stopped);
  EXPECT_EQ(calls().front(), "begin 1");
  for (const auto& line : calls()) EXPECT_NE(line, "end 1");
}

TEST_F(cycle_hooks, that_do_not_finish_at_a_stop_are_dropped_once) {
  for (const auto* word : {"forgets_begin", "forgets_scans", "forgets_end"}) {
    server_.call({"DEL", "calls"});
    const auto subject = scanner(hooks(word));
    subject->start(0ms);
    const std::size_t sent = std::string(word) == "forgets_begin"   ? 1
                             : std::string(word) == "forgets_scans" ? 5
                                                                    : 6;
    ASSERT_TRUE(eventually([&] { return calls().size() == sent; })) << word;
    subject->request_stop();
    EXPECT_EQ(subject->join(base::steady::now() + 50ms, 60s), runner::stop_outcome::stopped);
    EXPECT_EQ(report(), sent == 5 ? "dropped=4 open=0" : "dropped=1 open=0") << word;
  }
}

TEST_F(cycle_hooks, of_scans_that_never_finish_after_a_time_out_have_them_dropped_once_each) {
  auto forgetful = hooks("forgets_scans");
  forgetful.settings.scan_timeout = 50ms;
  forgetful.settings.hang_timeout = 2s;
  const auto reports = run(1, std::move(forgetful));
  ASSERT_FALSE(reports);
  EXPECT_EQ(report(), "dropped=4 open=0");
}

}  // namespace
}  // namespace scanhost::test
