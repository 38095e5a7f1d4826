// SPDX-License-Identifier: Apache-2.0
#include "base/thread_costs.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <new>
#include <thread>

#include "base/thread.hpp"

namespace scanhost::base {
namespace {

constexpr std::int64_t large = 1 << 20;

class thread_memory_counter : public testing::Test {
 protected:
  void SetUp() override {
    if (!THREAD_MEMORY_IS_COUNTED) GTEST_SKIP() << "sanitizers bring an allocator of their own";
    ASSERT_TRUE(thread_memory());
  }

  template <class Work>
  static std::int64_t change_by(Work work) {
    const auto before = *thread_memory();
    work();
    return *thread_memory() - before;
  }
};

TEST_F(thread_memory_counter, counts_what_every_family_of_calls_allocates) {
  void* volatile block = nullptr;
  EXPECT_GE(change_by([&] { block = std::malloc(large); }), large);
  EXPECT_GE(change_by([&] { block = std::realloc(block, 3 * large); }), 2 * large);
  EXPECT_LE(change_by([&] { std::free(block); }), -3 * large);
  EXPECT_GE(change_by([&] { block = std::aligned_alloc(64, large); }), large);
  EXPECT_LE(change_by([&] { std::free(block); }), -large);
  EXPECT_GE(change_by([&] { block = std::calloc(2, large); }), 2 * large);
  EXPECT_LE(change_by([&] { std::free(block); }), -2 * large);
  EXPECT_GE(change_by([&] { block = ::operator new (large, std::align_val_t{128}); }), large);
  EXPECT_LE(change_by([&] { ::operator delete (block, std::align_val_t{128}); }), -large);
}

TEST_F(thread_memory_counter, leaves_out_what_other_threads_allocate) {
  std::unique_ptr<char[]> block;
  EXPECT_LT(change_by([&] { std::thread([&] { block = std::make_unique<char[]>(large); }).join(); }), large);
}

TEST_F(thread_memory_counter, takes_off_what_another_thread_has_allocated_and_this_one_frees) {
  std::unique_ptr<char[]> block;
  std::thread([&] { block = std::make_unique<char[]>(large); }).join();
  EXPECT_LE(change_by([&] { block.reset(); }), -large);
}

TEST(thread_memory, is_absent_under_sanitizers) {
  EXPECT_EQ(thread_memory().has_value(), THREAD_MEMORY_IS_COUNTED);
}

TEST(thread_cpu_time, grows_with_work) {
  const auto before = thread_cpu_time();
  volatile unsigned sum = 0;
  while (thread_cpu_time() - before < std::chrono::milliseconds(2)) sum = sum + 1;
  EXPECT_GT(sum, 0u);
}

TEST(thread_cpu_time, of_another_thread_is_known_while_it_runs) {
  thread subject;
  EXPECT_FALSE(subject.cpu_time());
  std::atomic<bool> stop{false};
  subject.start("busy", [&] {
    while (!stop) {
    }
  });
  while (subject.cpu_time().value_or(std::chrono::nanoseconds(0)) < std::chrono::milliseconds(1)) {
  }
  stop = true;
  subject.join();
  EXPECT_FALSE(subject.cpu_time());
}

}  // namespace
}  // namespace scanhost::base
