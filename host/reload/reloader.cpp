// SPDX-License-Identifier: Apache-2.0
#include "reload/reloader.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>

#include "base/log.hpp"
#include "base/thread.hpp"
#include "reload/requests.hpp"

namespace scanhost::reload {
namespace {

constexpr base::milliseconds idle_period{3'600'000};
// Between attempts of a reload that was not requested by anybody, while the store cannot be reached.
constexpr base::milliseconds retry_period{5000};
constexpr base::milliseconds partition_check_period{20'000};

}  // namespace

class reloader::queue {
 public:
  queue(const host_parts& parts, config::settings settings)
      : requests_(parts, std::move(settings), stopping_, stop_.get_token()) {
    thread_.start("sh-reload", [this] { run(); });
  }
  ~queue() {
    stopping_ = true;
    stop_.request_stop();
    changed_.notify_all();
    thread_.join();
  }

  void put(std::function<answer(requests&)> work, on_done done, std::string key) {
    const std::lock_guard lock(mutex_);
    const bool waits_already = std::any_of(waiting_.begin(), waiting_.end(), [&](const request& waiting) {
      return !waiting.done && waiting.key == key;
    });
    if (!done && waits_already) return;
    waiting_.push_back({std::move(work), std::move(done), std::move(key)});
    changed_.notify_all();
  }

  configuration_state configuration() const { return requests_.configuration(); }
  std::vector<blocked_build> blocked_list() const { return requests_.blocked_list(); }

 private:
  struct request {
    std::function<answer(requests&)> work;
    on_done done;
    std::string key;
  };

  void run() {
    auto next_look = requests_.look_at_builds();
    while (!stopping_) {
      if (auto next = wait_for_request(next_look.value_or(idle_period))) serve(*next);
      check_partitions();
      if (!stopping_) next_look = requests_.look_at_builds();
    }
  }

  void check_partitions() {
    if (stopping_ || base::steady::now() < next_partition_check_) return;
    attempt({[](requests& handler) {
               handler.check_partitions();
               return answer();
             },
             {},
             {}});
    next_partition_check_ = base::steady::now() + partition_check_period;
  }

  std::optional<request> wait_for_request(base::milliseconds period) {
    std::unique_lock lock(mutex_);
    auto until = std::min(base::steady::now() + period, next_partition_check_);
    if (retry_) until = std::min(until, retry_->first);
    changed_.wait_until(lock, until, [this] { return stopping_ || !waiting_.empty(); });
    if (stopping_) return std::nullopt;
    if (waiting_.empty()) {
      if (!retry_ || base::steady::now() < retry_->first) return std::nullopt;
      return std::exchange(retry_, std::nullopt)->second;
    }
    auto next = std::move(waiting_.front());
    waiting_.pop_front();
    return next;
  }

  void serve(const request& next) {
    auto result = attempt(next);
    if (!next.done && result.code == base::exit_code::unavailable)
      retry_.emplace(base::steady::now() + retry_period, next);
    if (next.done) next.done(std::move(result));
  }

  answer attempt(const request& next) {
    try {
      return next.work(requests_);
    } catch (const std::exception& problem) {
      base::log(base::events::reload_failed, every_scanner, std::string("failed: ") + problem.what(),
                {{"error", problem.what()}});
      return failure(base::fail(base::errc::software, problem.what()));
    }
  }

  std::atomic<bool> stopping_{false};
  std::stop_source stop_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<request> waiting_;
  // The thread's own, the rest too.
  std::optional<std::pair<base::steady_time, request>> retry_;
  base::steady_time next_partition_check_ = base::steady::now() + partition_check_period;
  requests requests_;
  base::thread thread_;
};

reloader::reloader(const host_parts& parts, config::settings settings)
    : queue_(std::make_unique<queue>(parts, std::move(settings))) {}
reloader::~reloader() = default;

void reloader::reload(plan::read_scope scope, std::vector<std::string> only, on_done done) {
  queue_->put([scope, only = std::move(only)](requests& handler) { return handler.reload(scope, only); },
              std::move(done), scope == plan::read_scope::configuration ? "configuration" : "plugins");
}

void reloader::plan(on_done done) {
  queue_->put([](requests& handler) { return handler.plan(); }, std::move(done), "plan");
}

void reloader::roll_back(std::string scanner, on_done done) {
  auto text = "roll back " + scanner;
  queue_->put([scanner = std::move(scanner)](requests& handler) { return handler.roll_back(scanner); },
              std::move(done), std::move(text));
}

void reloader::release(std::string sha256, on_done done) {
  auto text = "release " + sha256;
  queue_->put([sha256 = std::move(sha256)](requests& handler) { return handler.release(sha256); },
              std::move(done), std::move(text));
}

void reloader::list_blocked(on_done done) {
  queue_->put([](requests& handler) { return handler.list_blocked(); }, std::move(done), "blocked");
}

void reloader::save_pauses(on_done done) {
  queue_->put([](requests& handler) { return handler.save_pauses(); }, std::move(done), "save pauses");
}

void reloader::save_histories() {
  queue_->put([](requests& handler) { return handler.save_histories(); }, {}, "save histories");
}

configuration_state reloader::configuration() const { return queue_->configuration(); }

std::vector<blocked_build> reloader::blocked_list() const { return queue_->blocked_list(); }

}  // namespace scanhost::reload
