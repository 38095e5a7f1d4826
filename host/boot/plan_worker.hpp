// SPDX-License-Identifier: Apache-2.0
//
// Reads plans on a thread of its own, since that waits for the store, and the control thread never does.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <stop_token>
#include <vector>

#include "base/error.hpp"
#include "base/thread.hpp"
#include "plan/scanner_plan.hpp"

namespace scanhost::boot {

class plan_worker {
 public:
  using plans = base::result<std::vector<plan::scanner_plan>>;

  // `context`: of the control thread.
  explicit plan_worker(boost::asio::io_context& context) : context_(context) {}
  ~plan_worker() { abandon(); }
  plan_worker(const plan_worker&) = delete;
  plan_worker& operator=(const plan_worker&) = delete;

  // `read` runs on the worker's thread, and `done` then on the control thread. One at a time.
  void start(std::function<plans(std::stop_token)> read, std::function<void(plans)> done);

  // Ends what is under way, within moments; `done` is not called any more.
  void abandon();

 private:
  boost::asio::io_context& context_;
  std::stop_source stop_;
  std::shared_ptr<bool> is_awaited_;  // read and written on the control thread
  base::thread thread_;
};

}  // namespace scanhost::boot
