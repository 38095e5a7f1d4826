// SPDX-License-Identifier: Apache-2.0
//
// Threads that plugin code started on a scanner's thread and that outlive it.
#include "base/thread.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <future>
#include <semaphore>
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

// Signals when its thread is at its end. Not a promise: ThreadSanitizer does not see how the C++ library
// frees it.
class end_of_thread {
 public:
  explicit end_of_thread(std::binary_semaphore& signal) : signal_(signal) {}
  ~end_of_thread() { signal_.release(); }
  end_of_thread(const end_of_thread&) = delete;
  end_of_thread& operator=(const end_of_thread&) = delete;

 private:
  std::binary_semaphore& signal_;
};

// Exit handlers run in the reverse order of their registration: this one when what the first thread made is
// gone.
TEST(thread, may_end_while_the_process_already_does) {
  const auto exit_before_a_thread = [] {
    static std::binary_semaphore running(0), exiting(0), ending(0);
    std::atexit([] {
      exiting.release();
      ending.acquire();
    });
    {
      thread hanging;
      hanging.start("sh:hanging", [] {
        thread_local const end_of_thread signal(ending);
        running.release();
        exiting.acquire();
      });
    }
    running.acquire();
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
