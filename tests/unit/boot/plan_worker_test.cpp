// SPDX-License-Identifier: Apache-2.0
#include "boot/plan_worker.hpp"

#include <gtest/gtest.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace {

using scanhost::boot::plan_worker;
namespace base = scanhost::base;

// A worker on an event loop that ends when the worker is done, and what it passed on.
class plan_worker_test : public testing::Test {
 protected:
  void read_with(std::function<plan_worker::plans(std::stop_token)> read) {
    worker_.start({std::move(read),
                   [this](plan_worker::plans plans) {
                     done_ = std::move(plans);
                     context_.stop();
                   },
                   [this] { reasons_.push_back(worker_.waiting_for()); }});
    context_.run_for(std::chrono::seconds(30));
  }

  boost::asio::io_context context_{1};
  // A host's loop has more to do than to wait for plans.
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> more_work_{
      context_.get_executor()};
  std::optional<plan_worker::plans> done_;
  std::vector<std::string> reasons_;  // as they were whenever the worker said that it waits
  plan_worker worker_{context_};
};

TEST_F(plan_worker_test, tries_again_while_the_store_cannot_be_reached) {
  std::vector<plan_worker::plans> answers;
  answers.push_back(base::fail(base::errc::unavailable, "refused"));
  answers.push_back(base::fail(base::errc::timed_out, "no answer"));
  answers.push_back(std::vector<scanhost::plan::scanner_plan>{});
  std::size_t attempts = 0;
  read_with([&](const std::stop_token&) { return std::move(answers.at(attempts++)); });
  ASSERT_TRUE(done_);
  EXPECT_TRUE(done_->has_value());
  EXPECT_EQ(attempts, 3U);
  EXPECT_EQ(reasons_, (std::vector<std::string>{"refused", "no answer"}));
}

TEST_F(plan_worker_test, passes_an_error_on_that_does_not_pass_by_itself) {
  read_with(
      [](const std::stop_token&) { return base::fail(base::errc::config, "two families of one name"); });
  ASSERT_TRUE(done_);
  EXPECT_EQ(done_->error().message, "two families of one name");
  EXPECT_TRUE(reasons_.empty());
  EXPECT_TRUE(worker_.waiting_for().empty());
}

TEST_F(plan_worker_test, makes_an_error_of_an_exception) {
  read_with([](const std::stop_token&) -> plan_worker::plans { throw std::runtime_error("out of luck"); });
  ASSERT_TRUE(done_);
  EXPECT_EQ(done_->error().code, base::errc::software);
  EXPECT_EQ(done_->error().message, "out of luck");
}

TEST_F(plan_worker_test, calls_nobody_once_it_is_abandoned) {
  std::mutex mutex;
  std::condition_variable_any stopped;
  bool has_seen_the_stop = false;
  boost::asio::post(context_, [&] {
    worker_.abandon();
    context_.stop();
  });
  read_with([&](std::stop_token stop) -> plan_worker::plans {
    std::unique_lock lock(mutex);
    stopped.wait(lock, stop, [] { return false; });
    has_seen_the_stop = stop.stop_requested();
    return base::fail(base::errc::unavailable, "stopped");
  });
  context_.restart();
  context_.poll();
  EXPECT_TRUE(has_seen_the_stop);
  EXPECT_FALSE(done_);
  EXPECT_TRUE(reasons_.empty());
}

TEST_F(plan_worker_test, does_not_try_again_once_it_is_abandoned) {
  std::size_t attempts = 0;
  worker_.start({[&](const std::stop_token&) -> plan_worker::plans {
                   ++attempts;
                   return base::fail(base::errc::unavailable, "refused");
                 },
                 [this](plan_worker::plans plans) { done_ = std::move(plans); },
                 [this] { worker_.abandon(); }});
  context_.run_for(2 * plan_worker::min_retry);
  EXPECT_EQ(attempts, 1U);
  EXPECT_FALSE(done_);
}

}  // namespace
