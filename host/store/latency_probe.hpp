// SPDX-License-Identifier: Apache-2.0
//
// Measures what another client of the store would feel: while limits of a closed loop are in use, asks each
// server for its TIME, 200 times a second, on connections of its own. A scanner's own batches would not do: a
// pipeline of 500 calls has a latency of its own. TIME needs no right that the host does not need anyway, and
// takes a thousandth of a server's time at this rate. It has a thread of its own, since a plugin that
// computes would delay the answers on a scanner's.
//
// While it rests, its thread waits on a condition: a message to its event loop would be allocated by a
// scanner's thread and freed by this one, and look like a leak of the scanner
// (runner/generation/memory_meter).
//
// In a cluster the slowest server counts. An answer that is still missing counts with its age. While a server
// is away nothing is measured, and the limits stay.
//
// Threads: any.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "base/thread.hpp"
#include "config/settings.hpp"
#include "store/rate/rate_limiter.hpp"

namespace scanhost::store {

class latency_probe {
 public:
  explicit latency_probe(config::store_settings settings);  // starts the thread
  ~latency_probe();
  latency_probe(const latency_probe&) = delete;
  latency_probe& operator=(const latency_probe&) = delete;

  // It is given each measurement, as long as it exists.
  void serve(std::weak_ptr<rate_limiter> limiter);

  // A limiter is in use: it measures until none is.
  void request() {
    if (!active_.load(std::memory_order_relaxed)) start();
  }

  // That all but three of a hundred measurements keep; none: nothing has been measured lately.
  std::optional<std::chrono::microseconds> latency() const noexcept;

 private:
  class worker;

  void start();
  void run();
  void measure();
  void publish(std::chrono::microseconds latency, base::steady_time now);
  void forget() noexcept { latency_us_.store(unknown, std::memory_order_relaxed); }
  bool is_needed() const;

  static constexpr std::int64_t unknown = -1;

  const config::store_settings settings_;
  boost::asio::io_context context_{1};
  std::atomic<bool> active_{false};
  std::atomic<std::int64_t> latency_us_{unknown};
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool ending_ = false;
  std::vector<std::weak_ptr<rate_limiter>> served_;
  std::unique_ptr<worker> worker_;  // of the thread; null: nothing has been requested
  base::thread thread_;
};

}  // namespace scanhost::store
