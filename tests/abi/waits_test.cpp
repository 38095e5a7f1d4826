// SPDX-License-Identifier: Apache-2.0
//
// Scans that wait for a thread or a descriptor, in C++.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <stdexcept>
#include <string>
#include <thread>

#include "scripted.hpp"

namespace {

using namespace scanhost;
using namespace scanhost::testing;
using namespace wrapper_tests;
using ::testing::HasSubstr;

TEST_F(wrapper, goes_on_when_another_thread_wakes_the_scan) {
  std::thread worker;
  scripted::script = [&](scan_context& scan) -> task<result> {
    const auto signal = scan.signal();
    worker = std::thread([signal] { signal.wake(); });
    const bool woken = co_await scan.wait(signal, milliseconds(3'600'000));
    co_return result{.processed = woken ? 1u : 0u};
  };
  const auto before = host.now();
  EXPECT_EQ(host.scan().result.processed, 1u);
  EXPECT_EQ(host.now(), before);
  worker.join();
}

TEST_F(wrapper, remembers_a_wake_that_comes_before_the_wait) {
  scripted::script = [](scan_context& scan) -> task<result> {
    const auto signal = scan.signal();
    signal.wake();
    const bool first = co_await scan.wait(signal, milliseconds(0));
    const bool second = co_await scan.wait(signal, milliseconds(1));
    co_return result{.processed = first ? 1u : 0u, .errors = second ? 1u : 0u};
  };
  const auto report = host.scan();
  EXPECT_EQ(report.result.processed, 1u);
  EXPECT_EQ(report.result.errors, 0u);
}

TEST_F(wrapper, ends_a_wait_when_the_scan_is_cancelled) {
  scripted::script = [](scan_context& scan) -> task<result> {
    const auto signal = scan.signal();
    const bool woken = co_await scan.wait(signal, milliseconds(3'600'000));
    co_return result{.errors = woken ? 1u : 0u, .skipped = scan.cancelled() ? 1u : 0u};
  };
  const auto id = host.start(0);
  host.cancel(id);
  host.run();
  EXPECT_EQ(host.report(id).result.skipped, 1u);
  EXPECT_EQ(host.report(id).result.errors, 0u);
}

TEST_F(wrapper, ignores_the_wake_of_a_scan_that_has_ended) {
  scan_signal kept;
  scripted::script = [&](scan_context& scan) -> task<result> {
    kept = scan.signal();
    co_return result{};
  };
  host.scan();
  kept.wake();
  scan_signal().wake();
  EXPECT_FALSE(host.step());
}

TEST_F(wrapper, waits_for_a_descriptor_that_may_be_closed_meanwhile) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  scripted::script = [&](scan_context& scan) -> task<result> {
    const bool writable = co_await scan.writable(ends[1], milliseconds(1'000));
    auto waiting = scan.readable(ends[0], milliseconds(1'000));
    co_return result{.processed = writable && co_await waiting ? 1u : 0u};
  };
  const auto id = host.start(0);
  ASSERT_TRUE(host.step());
  ::close(ends[0]);
  ::close(ends[1]);
  host.run();
  EXPECT_EQ(host.report(id).result.processed, 1u);
}

TEST_F(wrapper, says_why_a_regular_file_is_not_waited_for) {
  std::string message;
  scripted::script = [&](scan_context& scan) -> task<result> {
    const int file = ::open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    try {
      co_await scan.readable(file, milliseconds(1'000));
    } catch (const std::logic_error& problem) {
      message = problem.what();
    }
    ::close(file);
    co_return result{};
  };
  EXPECT_TRUE(host.scan().finished);
  EXPECT_THAT(message, HasSubstr("regular file"));
  EXPECT_THAT(host.take_violations(), ElementsAre(HasSubstr("regular file")));
}

}  // namespace
