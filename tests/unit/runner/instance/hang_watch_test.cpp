// SPDX-License-Identifier: Apache-2.0
#include "runner/instance/hang_watch.hpp"

#include <gtest/gtest.h>

#include "unit/runner/start_time.hpp"

namespace scanhost::runner {
namespace {

using namespace std::chrono_literals;

TEST(hang_watch, sees_one_call_that_takes_too_long) {
  call_count calls;
  hang_watch watch(10s);
  calls.enter();
  EXPECT_FALSE(watch.hangs(calls.value(), t0));
  EXPECT_FALSE(watch.hangs(calls.value(), t0 + 10s));
  EXPECT_TRUE(watch.hangs(calls.value(), t0 + 11s));
}

TEST(hang_watch, does_not_mind_a_thread_that_waits_outside_of_calls) {
  call_count calls;
  hang_watch watch(10s);
  calls.enter();
  calls.leave();
  watch.hangs(calls.value(), t0);
  EXPECT_FALSE(watch.hangs(calls.value(), t0 + 1h));
}

TEST(hang_watch, does_not_mind_many_short_calls) {
  call_count calls;
  hang_watch watch(10s);
  for (int second = 0; second < 60; ++second) {
    calls.enter();
    EXPECT_FALSE(watch.hangs(calls.value(), t0 + std::chrono::seconds(second)));
    calls.leave();
  }
}

TEST(hang_watch, does_not_mind_a_thread_that_never_made_a_call) {
  hang_watch watch(10s);
  EXPECT_FALSE(watch.hangs(0, t0));
  EXPECT_FALSE(watch.hangs(0, t0 + 1h));
}

}  // namespace
}  // namespace scanhost::runner
