// SPDX-License-Identifier: Apache-2.0
//
// Series that instances of a plugin hold, over restarts and reloads.
#include "runner/lent/lent_series.hpp"

#include <gmock/gmock.h>

#include <string>
#include <thread>

#include "scanhost/text.hpp"

namespace scanhost::runner {
namespace {

using testing::HasSubstr;
using testing::Not;

class instance_series : public testing::Test {
 protected:
  static scanhost_metric* counter(lent_series& of, std::string_view queue) {
    const scanhost_field label{SCANHOST_TEXT("queue"), to_c(queue)};
    return of.series({SCANHOST_METRIC_COUNTER, "seen_total", "Seen.", {&label, 1}, {}});
  }
  static std::string line(const std::string& queue, const std::string& value) {
    return "x_seen_total{queue=\"" + queue + "\",scanner=\"x\"} " + value + "\n";
  }

  metrics::registry registry_;
  plugin_metrics metrics_{registry_, "x_", "x"};
};

TEST_F(instance_series, end_when_their_plugin_removes_them) {
  lent_series only(metrics_);
  only.record(counter(only, "mail"), 2);
  auto* removed = counter(only, "sms");
  only.remove(removed);
  EXPECT_THAT(registry_.text(), HasSubstr(line("mail", "2")));
  EXPECT_THAT(registry_.text(), Not(HasSubstr("sms")));
}

TEST_F(instance_series, begin_anew_when_they_are_asked_for_after_their_removal) {
  lent_series only(metrics_);
  only.record(counter(only, "mail"), 2);
  only.remove(counter(only, "mail"));
  only.record(counter(only, "mail"), 1);
  EXPECT_THAT(registry_.text(), HasSubstr(line("mail", "1")));
}

TEST_F(instance_series, ignore_handles_that_were_removed) {
  lent_series only(metrics_);
  auto* series = counter(only, "mail");
  only.remove(series);
  only.record(series, 1);
  only.remove(series);
  only.record(nullptr, 1);
  only.remove(nullptr);
  EXPECT_THAT(registry_.text(), Not(HasSubstr("mail")));
}

TEST_F(instance_series, are_one_however_often_they_are_asked_for) {
  lent_series only(metrics_);
  auto* series = counter(only, "mail");
  EXPECT_EQ(counter(only, "mail"), series);
  only.remove(series);
  EXPECT_THAT(registry_.text(), Not(HasSubstr("mail")));
}

TEST_F(instance_series, stay_while_another_generation_holds_them) {
  lent_series before(metrics_), after(metrics_);
  before.record(counter(before, "mail"), 2);
  auto* kept = counter(after, "mail");
  before.remove(counter(before, "mail"));
  metrics_.end_unheld();
  after.record(kept, 1);
  EXPECT_THAT(registry_.text(), HasSubstr(line("mail", "3")));
}

TEST_F(instance_series, go_on_in_the_next_instance_that_asks_for_them_in_its_first_cycle) {
  auto before = std::make_unique<lent_series>(metrics_);
  before->record(counter(*before, "mail"), 2);
  before.reset();
  EXPECT_THAT(registry_.text(), HasSubstr(line("mail", "2")));
  lent_series after(metrics_);
  after.record(counter(after, "mail"), 1);
  metrics_.end_unheld();
  EXPECT_THAT(registry_.text(), HasSubstr(line("mail", "3")));
}

TEST_F(instance_series, end_with_their_generation_when_the_next_one_does_not_ask_for_them) {
  lent_series after(metrics_);
  {
    lent_series before(metrics_);
    counter(before, "mail");
    counter(before, "sms");
    counter(after, "mail");
  }
  metrics_.end_unheld();
  EXPECT_THAT(registry_.text(), HasSubstr(line("mail", "0")));
  EXPECT_THAT(registry_.text(), Not(HasSubstr("sms")));
}

TEST_F(instance_series, end_with_their_scanner_also_those_of_a_stuck_instance) {
  lent_series stuck(metrics_);
  auto* series = counter(stuck, "mail");
  metrics_.end_all();
  EXPECT_THAT(registry_.text(), Not(HasSubstr("mail")));
  stuck.record(series, 1);
  EXPECT_EQ(counter(stuck, "mail"), nullptr);
  stuck.remove(series);
  EXPECT_THAT(registry_.text(), Not(HasSubstr("mail")));
}

TEST_F(instance_series, leave_a_metric_of_the_host_with_the_same_name_alone) {
  auto hosts = registry_.counter("x_seen_total", "Seen.", {{"queue", "mail"}, {"scanner", "x"}});
  lent_series only(metrics_);
  only.remove(counter(only, "mail"));
  hosts.add();
  EXPECT_THAT(registry_.text(), HasSubstr(line("mail", "1")));
}

TEST_F(instance_series, make_room_for_others_when_they_end) {
  lent_series only(metrics_);
  for (std::size_t i = 0; i < plugin_metrics::max_series; ++i)
    ASSERT_NE(counter(only, std::to_string(i)), nullptr);
  EXPECT_EQ(counter(only, "one too many"), nullptr);
  only.remove(counter(only, "0"));
  EXPECT_NE(counter(only, "one too many"), nullptr);
}

TEST_F(instance_series, may_be_used_and_removed_by_two_generations_at_once) {
  const auto work = [this] {
    lent_series own(metrics_);
    for (int i = 0; i < 2000; ++i) {
      auto* series = counter(own, i % 3 == 0 ? "mail" : "sms");
      own.record(series, 1);
      if (i % 2 == 0) own.remove(series);
      metrics_.end_unheld();
    }
  };
  std::thread other(work);
  work();
  other.join();
  metrics_.end_unheld();
  EXPECT_THAT(registry_.text(), Not(HasSubstr("x_seen_total{")));
}

}  // namespace
}  // namespace scanhost::runner
