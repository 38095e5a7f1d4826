// SPDX-License-Identifier: Apache-2.0
#include "admin/state_metrics.hpp"

#include <gmock/gmock.h>

#include "unit/admin/statuses.hpp"

namespace scanhost::admin {
namespace {

using runner::scanner_state;
using testing::HasSubstr;
using testing::Not;

class state_metrics_test : public testing::Test {
 protected:
  std::string text_after(const std::vector<runner::scanner_status>& scanners) {
    states_.refresh(scanners);
    return registry_.text();
  }

  metrics::registry registry_;
  state_metrics states_{registry_};
};

TEST_F(state_metrics_test, say_which_state_a_scanner_is_in) {
  auto status = ready_scanner();
  status.state = scanner_state::backing_off;
  const auto text = text_after({status});
  EXPECT_THAT(text, HasSubstr(R"(scanhost_scanner_state{scanner="sweeper",state="backing_off"} 1)"));
  EXPECT_THAT(text, HasSubstr(R"(scanhost_scanner_state{scanner="sweeper",state="cycling"} 0)"));
  EXPECT_THAT(text, HasSubstr(R"(scanhost_scanner_ready{scanner="sweeper"} 0)"));
}

TEST_F(state_metrics_test, follow_the_scanner) {
  auto status = ready_scanner();
  status.state = scanner_state::stuck;
  text_after({status});
  status.state = scanner_state::waiting;
  status.last_cycle_at = base::timestamp(base::milliseconds(1'700'000'000'500));
  const auto text = text_after({status});
  EXPECT_THAT(text, HasSubstr(R"(scanhost_scanner_state{scanner="sweeper",state="stuck"} 0)"));
  EXPECT_THAT(text, HasSubstr(R"(scanhost_scanner_state{scanner="sweeper",state="waiting"} 1)"));
  EXPECT_THAT(text, HasSubstr(R"(scanhost_scanner_ready{scanner="sweeper"} 1)"));
  EXPECT_THAT(text,
              HasSubstr(R"(scanhost_scanner_last_cycle_timestamp_seconds{scanner="sweeper"} 1700000000.5)"));
}

TEST_F(state_metrics_test, say_whether_a_scanner_is_paused) {
  auto status = ready_scanner();
  EXPECT_THAT(text_after({status}), HasSubstr(R"(scanhost_scanner_paused{scanner="sweeper"} 0)"));
  status.paused = true;
  EXPECT_THAT(text_after({status}), HasSubstr(R"(scanhost_scanner_paused{scanner="sweeper"} 1)"));
  EXPECT_THAT(text_after({}), Not(HasSubstr("scanhost_scanner_paused{")));
}

TEST_F(state_metrics_test, have_every_outcome_of_reloads_from_the_start) {
  const auto text = text_after({ready_scanner()});
  for (const auto* outcome : {"reloaded", "retuned", "adjusted", "rolled_back", "refused"})
    EXPECT_THAT(text, HasSubstr(std::string(R"(scanhost_reloads_total{outcome=")") + outcome +
                                R"(",scanner="sweeper"} 0)"));
}

TEST_F(state_metrics_test, end_with_the_scanner) {
  text_after({ready_scanner("a"), ready_scanner("b")});
  const auto text = text_after({ready_scanner("b")});
  EXPECT_THAT(text, Not(HasSubstr(R"(scanner="a")")));
  EXPECT_THAT(text, HasSubstr(R"(scanner="b")"));
}

}  // namespace
}  // namespace scanhost::admin
