// SPDX-License-Identifier: Apache-2.0
#include "store/latency_probe.hpp"

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <string>
#include <utility>

#include "base/clock.hpp"
#include "store/connection/connection_user.hpp"
#include "store/rate/latency_window.hpp"
#include "store/servers.hpp"

namespace scanhost::store {
namespace {

constexpr base::milliseconds period{5};

// Whoever looks so late was stopped or suspended, and knows nothing of the server.
constexpr base::milliseconds suspended{500};

std::chrono::microseconds in_us(base::steady::duration span) {
  return std::chrono::duration_cast<std::chrono::microseconds>(span);
}

// The scanners' own connections report what is wrong with the store.
class silent_user final : public connection_user {
 public:
  void on_up(bool, const server_identity&, const base::timestamp*) override {}
  void on_down() override {}
  void on_failed_attempt(const base::error&) override {}
  void on_outage(std::string_view, std::string_view) override {}
  void on_warning(std::string_view, std::string_view) override {}
  void on_recovery(std::string_view) override {}
  void on_outcomes(const outcome_counts&) override {}
};

}  // namespace

// What lives on the thread.
class latency_probe::worker {
 public:
  explicit worker(latency_probe& probe)
      : probe_(probe), servers_(probe.context_, probe.settings_, "latency", user_), timer_(probe.context_) {
    servers_.start();
  }

  void tick() {
    if (!probe_.is_needed()) return rest();
    const auto now = base::steady::now();
    if (!servers_.all_up() || now > next_ + suspended) begin_anew();
    if (servers_.all_up()) measure(now);
    next_ = now + period;
    timer_.expires_at(next_);
    timer_.async_wait([this](const auto& problem) {
      if (!problem) tick();
    });
  }

 private:
  // A limiter that came into use meanwhile has seen it active, and has not called.
  void rest() {
    begin_anew();
    probe_.forget();
    probe_.active_.store(false);
    if (probe_.is_needed()) probe_.request();
    probe_.context_.stop();
  }

  void begin_anew() {
    window_.clear();
    before_ = {};
    slowest_.reset();
    asked_.clear();
    ++round_;
  }

  void measure(base::steady_time now) {
    if (asked_.size() != servers_.node_count()) {
      begin_anew();
      asked_.resize(servers_.node_count());
    }
    for (const auto& asked : asked_)
      if (asked) take(now - *asked);
    if (slowest_) add(*std::exchange(slowest_, std::nullopt), now);
    for (std::size_t node = 0; node < asked_.size(); ++node)
      if (!asked_[node]) ask(node);
  }

  void ask(std::size_t node) {
    asked_[node] = base::steady::now();
    servers_.refresh_clock(servers_.node_route(node),
                           [this, node, round = round_](const base::result<void>& answered) {
                             if (round != round_) return;
                             const auto asked = std::exchange(asked_[node], std::nullopt);
                             if (answered && asked) take(base::steady::now() - *asked);
                           });
  }

  void take(base::steady::duration latency) {
    slowest_ = std::max(slowest_.value_or(std::chrono::microseconds(0)), in_us(latency));
  }

  void add(std::chrono::microseconds latency, base::steady_time now) {
    probe_.publish(latency, now);
    window_.add(latency);
    show(std::max(window_.latency(), before_));
    if (!window_.is_full()) return;
    before_ = window_.latency();
    window_.clear();
  }

  // A rise is seen at once.
  void show(std::chrono::microseconds latency) {
    if (latency.count() > 0) probe_.latency_us_.store(latency.count(), std::memory_order_relaxed);
  }

  latency_probe& probe_;
  silent_user user_;
  servers servers_;
  boost::asio::steady_timer timer_;
  base::steady_time next_{};  // look
  latency_window window_;
  std::chrono::microseconds before_{};                   // of the window before
  std::optional<std::chrono::microseconds> slowest_;     // since the last tick
  std::vector<std::optional<base::steady_time>> asked_;  // by node; none: it has answered
  std::uint64_t round_ = 0;                              // answers of earlier ones are dropped
};

latency_probe::latency_probe(config::store_settings settings) : settings_(std::move(settings)) {
  thread_.start("sh-latency", [this] { run(); });
}

latency_probe::~latency_probe() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_one();
  context_.stop();
  thread_.join();
}

void latency_probe::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return ending_ || active_; });
    if (ending_) break;
    context_.restart();  // before the lock is free: the end stops it after that, or is seen here
    lock.unlock();
    measure();
    lock.lock();
  }
  lock.unlock();
  worker_.reset();
}

// Until no limiter is in use.
void latency_probe::measure() {
  if (!worker_) worker_ = std::make_unique<worker>(*this);
  worker_->tick();
  context_.run();
}

void latency_probe::start() {
  if (active_.exchange(true)) return;
  const std::lock_guard lock(mutex_);
  changed_.notify_one();
}

void latency_probe::serve(std::weak_ptr<rate_limiter> limiter) {
  const std::lock_guard lock(mutex_);
  std::erase_if(served_, [](const auto& known) { return known.expired(); });
  served_.push_back(std::move(limiter));
}

std::optional<std::chrono::microseconds> latency_probe::latency() const noexcept {
  const auto us = latency_us_.load(std::memory_order_relaxed);
  return us == unknown ? std::nullopt : std::optional(std::chrono::microseconds(us));
}

bool latency_probe::is_needed() const {
  const auto now = base::steady::now();
  const std::lock_guard lock(mutex_);
  return std::ranges::any_of(served_, [&](const auto& known) {
    const auto limiter = known.lock();
    return limiter && limiter->is_in_use(now);
  });
}

void latency_probe::publish(std::chrono::microseconds latency, base::steady_time now) {
  const std::lock_guard lock(mutex_);
  for (const auto& known : served_)
    if (const auto limiter = known.lock()) limiter->take_latency(latency, now);
}

}  // namespace scanhost::store
