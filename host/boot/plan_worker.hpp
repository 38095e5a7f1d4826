// SPDX-License-Identifier: Apache-2.0
//
// Reads the plans for the start on a thread of its own, since that waits for the store, and the control
// thread never does. While the store cannot be reached, it tries again.
//
// Threads: the control thread, apart from `read`.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/thread.hpp"
#include "plan/scanner_plan.hpp"

namespace scanhost::boot {

class plan_worker {
 public:
  static constexpr base::milliseconds min_retry{250};
  static constexpr base::milliseconds max_retry{5'000};
  using plans = base::result<std::vector<plan::scanner_plan>>;

  struct handlers {
    std::function<plans(std::stop_token)> read;  // on the worker's thread; ends soon after a requested stop
    std::function<void(plans)> done;             // the plans, or an error that does not pass by itself
    std::function<void()> waiting;               // after each attempt that did not reach the store
  };

  // `context`: of the control thread.
  explicit plan_worker(boost::asio::io_context& context) : context_(context), retry_timer_(context) {}
  ~plan_worker() { abandon(); }
  plan_worker(const plan_worker&) = delete;
  plan_worker& operator=(const plan_worker&) = delete;

  // Once.
  void start(handlers handlers);

  // Why the store could not be used at the last attempt that failed; empty: none did.
  const std::string& waiting_for() const noexcept { return waiting_for_; }

  // Ends what is under way, within moments; no handler is called any more.
  void abandon();

 private:
  void read();
  void take(plans result);
  void try_again_later();

  boost::asio::io_context& context_;
  boost::asio::steady_timer retry_timer_;
  base::milliseconds retry_ = min_retry;
  handlers handlers_;
  std::string waiting_for_;
  std::stop_source stop_;
  std::shared_ptr<bool> is_awaited_;  // read and written on the control thread
  base::thread thread_;
};

}  // namespace scanhost::boot
