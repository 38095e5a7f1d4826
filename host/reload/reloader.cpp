// SPDX-License-Identifier: Apache-2.0
//
// The queue and its thread.
#include "reload/reloader.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>
#include <utility>

#include "base/log.hpp"
#include "base/thread.hpp"
#include "reload/executor.hpp"
#include "reload/report.hpp"

namespace scanhost::reload {
namespace {

constexpr base::milliseconds probation_look{50};
constexpr base::milliseconds retry_period{5000};  // of a reload that nobody asked for, when the store is away

}  // namespace

class reloader::impl {
 public:
  impl(surroundings around, config::settings now) : executor_(std::move(around), std::move(now), given_up_) {
    thread_.start("sh-reload", [this] { run(); });
  }
  ~impl() {
    given_up_ = true;
    changed_.notify_all();
    thread_.join();
  }

  void put(std::function<outcome(executor&)> work, on_done done, std::string key) {
    const std::lock_guard lock(mutex_);
    const bool there = std::any_of(queue_.begin(), queue_.end(),
                                   [&](const request& queued) { return !queued.done && queued.key == key; });
    if (!done && there) return;
    queue_.push_back({std::move(work), std::move(done), std::move(key)});
    changed_.notify_all();
  }

 private:
  struct request {
    std::function<outcome(executor&)> work;
    on_done done;
    std::string key;
  };

  void run() {
    bool on_probation = false;
    while (!given_up_) {
      if (auto next = wait_for_request(on_probation)) serve(std::move(*next));
      if (!given_up_) on_probation = executor_.look_after();
    }
  }

  std::optional<request> wait_for_request(bool on_probation) {
    std::unique_lock lock(mutex_);
    const auto due = [this] { return given_up_ || !queue_.empty(); };
    const auto now = base::steady::now();
    auto until = now + (on_probation ? probation_look : base::milliseconds{3'600'000});
    if (retry_) until = std::min(until, retry_->first);
    changed_.wait_until(lock, until, due);
    if (given_up_) return std::nullopt;
    if (queue_.empty()) {
      if (!retry_ || base::steady::now() < retry_->first) return std::nullopt;
      return std::exchange(retry_, std::nullopt)->second;
    }
    auto next = std::move(queue_.front());
    queue_.pop_front();
    return next;
  }

  void serve(request next) {
    auto result = attempt(next);
    if (!next.done && result.code == base::exit_code::unavailable)
      retry_.emplace(base::steady::now() + retry_period, next);
    if (next.done) next.done(std::move(result));
  }

  outcome attempt(const request& next) {
    try {
      return next.work(executor_);
    } catch (const std::exception& problem) {
      base::log(base::severity::error, "reload", std::string("failed: ") + problem.what());
      return failure(base::fail(base::errc::software, problem.what()));
    }
  }

  std::atomic<bool> given_up_{false};
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<request> queue_;
  std::optional<std::pair<base::steady_time, request>> retry_;  // its thread's
  executor executor_;
  base::thread thread_;
};

reloader::reloader(surroundings around, config::settings now)
    : impl_(std::make_unique<impl>(std::move(around), std::move(now))) {}
reloader::~reloader() = default;

void reloader::reload(plan::source from, std::vector<std::string> only, on_done done) {
  impl_->put([from, only = std::move(only)](executor& executor) { return executor.reload(from, only); },
             std::move(done), from == plan::source::configuration ? "configuration" : "plugins");
}

void reloader::plan(on_done done) {
  impl_->put([](executor& executor) { return executor.plan(); }, std::move(done), "plan");
}

void reloader::roll_back(std::string scanner, on_done done) {
  impl_->put([scanner](executor& executor) { return executor.roll_back(scanner); }, std::move(done),
             "roll back " + scanner);
}

void reloader::release(std::string sha256, on_done done) {
  impl_->put([sha256](executor& executor) { return executor.release(sha256); }, std::move(done),
             "release " + sha256);
}

void reloader::list_blocked(on_done done) {
  impl_->put([](executor& executor) { return executor.list_blocked(); }, std::move(done), "blocked");
}

}  // namespace scanhost::reload
