// SPDX-License-Identifier: Apache-2.0
//
// Threads that plugin code started on a scanner's thread and that outlive it.
#include "base/thread.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <future>
#include <thread>

namespace scanhost::base {
namespace {

TEST(thread, sees_that_one_it_started_runs_on) {
  std::promise<void> end;
  std::thread other;
  thread scanner;
  scanner.start("sh:a_name_that_is_cut", [&] { other = std::thread([&] { end.get_future().wait(); }); });
  scanner.join();
  EXPECT_TRUE(scanner.left_threads());
  end.set_value();
  other.join();
  EXPECT_FALSE(scanner.left_threads());
}

TEST(thread, leaves_nothing_when_all_that_it_started_have_ended) {
  thread scanner;
  scanner.start("sh:tidy", [] { std::thread([] {}).join(); });
  scanner.join();
  EXPECT_FALSE(scanner.left_threads());
}

// Exit handlers run in the reverse order of their registration: this one when what the first thread made is
// gone.
TEST(thread, may_end_while_the_process_already_does) {
  const auto exit_before_a_thread = [] {
    static std::promise<void> running, exiting, ending;
    std::atexit([] {
      exiting.set_value();
      ending.get_future().wait();
    });
    {
      thread hanging;
      hanging.start("sh:hanging", [] {
        running.set_value();
        exiting.get_future().wait();
        ending.set_value_at_thread_exit();
      });
    }
    running.get_future().wait();
    std::exit(0);
  };
  EXPECT_EXIT(exit_before_a_thread(), ::testing::ExitedWithCode(0), "");
}

TEST(thread, does_not_take_its_successor_for_one_that_it_left) {
  std::promise<void> end;
  thread before, after;
  before.start("sh:twice", [] {});
  after.start("sh:twice", [&] { end.get_future().wait(); });
  before.join();
  EXPECT_FALSE(before.left_threads());
  end.set_value();
  after.join();
}

}  // namespace
}  // namespace scanhost::base
