// SPDX-License-Identifier: Apache-2.0
#include "runner/scan/instance_health.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace scanhost::runner {
namespace {

class instance_health_test : public testing::Test {
 protected:
  boost::asio::io_context context_;
  int woken_ = 0;
  wake_signal wake_{context_, [this] { ++woken_; }};
  std::atomic<bool> abandoned_{false};
  instance_health health_{abandoned_, wake_};
};

TEST_F(instance_health_test, keeps_the_first_failure_and_wakes_the_loop_once) {
  health_.fail("first");
  health_.fail("second");
  EXPECT_TRUE(health_.failed());
  context_.run();
  EXPECT_EQ(woken_, 1);
  EXPECT_EQ(health_.take_failure(), "first");
  EXPECT_FALSE(health_.failed());
}

TEST_F(instance_health_test, takes_a_call_from_another_thread_for_a_breach_of_the_contract) {
  EXPECT_TRUE(health_.admits_calls());
  std::thread([this] { EXPECT_FALSE(health_.admits_calls()); }).join();
  EXPECT_FALSE(health_.failed());
  health_.check_foreign_calls();
  EXPECT_THAT(health_.take_failure(), testing::HasSubstr("from a thread of its own"));
}

TEST_F(instance_health_test, admits_no_calls_of_an_abandoned_generation) {
  abandoned_ = true;
  EXPECT_FALSE(health_.admits_calls());
  EXPECT_FALSE(health_.usable());
  health_.check_foreign_calls();
  EXPECT_FALSE(health_.failed());
}

}  // namespace
}  // namespace scanhost::runner
