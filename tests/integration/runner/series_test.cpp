// SPDX-License-Identifier: Apache-2.0
//
// The series of a plugin over the life of its scanner, and the log level that it is told.
#include <atomic>

#include "integration/runner/fixture.hpp"
#include "runner/replacement.hpp"
#include "runner/roster.hpp"
#include "scanhost/host.h"

namespace scanhost::test {
namespace {

using namespace std::chrono_literals;

class plugin_series : public runner_test {
 protected:
  plan::scanner_plan keeping(const std::string& queue) {
    auto result = plan("keeps_series");
    result.settings.options["file"] = queue;
    return result;
  }
  std::shared_ptr<runner::scanner> started(plan::scanner_plan plan) {
    std::shared_ptr<runner::scanner> subject = scanner(std::move(plan));
    subject->start(0ms);
    EXPECT_TRUE(eventually([&] { return subject->status().cycles >= 2; }));
    return subject;
  }
  void replace(runner::scanner& subject, plan::scanner_plan plan) {
    const std::atomic<bool> given_up{false};
    runner::replacement move(subject, std::move(plan));
    ASSERT_TRUE(move.prepare(given_up));
    ASSERT_TRUE(move.commit("reloaded", "a test"));
  }
  bool has_queue(const std::string& queue) const {
    return metric("keeps_series_seen{queue=\"" + queue + "\",scanner=\"keeps_series\"}") >= 0;
  }
  double scans() const { return metric("keeps_series_scans_total{scanner=\"keeps_series\"}"); }
  std::int32_t level() const {
    return static_cast<std::int32_t>(metric("keeps_series_level{scanner=\"keeps_series\"}"));
  }
};

TEST_F(plugin_series, go_on_in_the_next_generation) {
  const auto subject = started(keeping("mail"));
  const auto before = scans();
  ASSERT_GE(before, 8);
  replace(*subject, keeping("mail"));
  EXPECT_GE(scans(), before);
  const auto cycles = subject->status().cycles;
  ASSERT_TRUE(eventually([&] { return subject->status().cycles >= cycles + 2; }));
  EXPECT_GE(scans(), before + 8);
  EXPECT_TRUE(has_queue("mail"));
}

TEST_F(plugin_series, end_when_the_next_generation_does_not_have_them) {
  const auto subject = started(keeping("mail"));
  ASSERT_TRUE(has_queue("mail"));
  replace(*subject, keeping("sms"));
  EXPECT_TRUE(eventually([&] { return has_queue("sms") && !has_queue("mail"); }));
}

TEST_F(plugin_series, end_with_their_scanner) {
  runner::roster scanners;
  auto subject = started(keeping("mail"));
  scanners.add(subject);
  scanners.remove(subject, base::steady::now() + 60s, 1s);
  EXPECT_EQ(registry_.text().find("keeps_series_seen"), std::string::npos);
  EXPECT_EQ(registry_.text().find("keeps_series_scans_total"), std::string::npos);
}

TEST_F(plugin_series, of_a_scanner_that_comes_back_begin_anew) {
  runner::roster scanners;
  auto first = started(keeping("mail"));
  scanners.add(first);
  scanners.remove(first, base::steady::now() + 60s, 1s);
  const auto second = started(keeping("mail"));
  first.reset();
  EXPECT_GE(scans(), 8);
  EXPECT_TRUE(has_queue("mail"));
}

using log_level = plugin_series;

TEST_F(log_level, is_told_to_the_plugin_and_changes_while_it_runs) {
  const auto subject = started(keeping("mail"));
  EXPECT_EQ(subject->status().log_level, std::nullopt);
  subject->set_log_level(base::severity::warn);
  EXPECT_TRUE(eventually([&] { return level() == SCANHOST_LOG_WARN; }));
  EXPECT_EQ(subject->status().log_level, base::severity::warn);
  subject->set_log_level(std::nullopt);
  EXPECT_TRUE(eventually([&] { return level() == SCANHOST_LOG_ERROR; }));  // the tests' host writes nothing
  EXPECT_EQ(subject->status().generation, 1u);
}

TEST_F(log_level, of_the_configuration_changes_without_a_new_generation) {
  auto quiet = keeping("mail");
  quiet.settings.log_level = base::severity::warn;
  const auto subject = started(quiet);
  EXPECT_EQ(level(), SCANHOST_LOG_WARN);
  quiet.settings.log_level = base::severity::info;
  subject->adjust(quiet, "a test");
  EXPECT_TRUE(eventually([&] { return level() == SCANHOST_LOG_INFO; }));
  EXPECT_EQ(subject->status().generation, 1u);
}

TEST_F(log_level, that_was_chosen_by_hand_lasts_until_the_configured_one_changes) {
  const auto subject = started(keeping("mail"));
  subject->set_log_level(base::severity::warn);
  replace(*subject, keeping("sms"));
  EXPECT_EQ(subject->status().log_level, base::severity::warn);
  auto configured = keeping("sms");
  configured.settings.log_level = base::severity::error;
  replace(*subject, configured);
  EXPECT_EQ(subject->status().log_level, base::severity::error);
}

}  // namespace
}  // namespace scanhost::test
