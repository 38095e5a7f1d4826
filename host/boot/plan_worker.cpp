// SPDX-License-Identifier: Apache-2.0
#include "boot/plan_worker.hpp"

#include <boost/asio/post.hpp>
#include <exception>
#include <utility>

namespace scanhost::boot {

void plan_worker::start(std::function<plans(std::stop_token)> read, std::function<void(plans)> done) {
  abandon();
  stop_ = {};
  is_awaited_ = std::make_shared<bool>(true);
  thread_.start("sh-start", [this, read = std::move(read), done = std::move(done), is_awaited = is_awaited_,
                             stop = stop_.get_token()]() mutable {
    plans result = base::fail(base::errc::software, "reading the plans ended without a result");
    try {
      result = read(stop);
    } catch (const std::exception& problem) {
      result = base::fail(base::errc::software, problem.what());
    }
    boost::asio::post(context_, [done = std::move(done), is_awaited, result = std::move(result)]() mutable {
      if (*is_awaited) done(std::move(result));
    });
  });
}

void plan_worker::abandon() {
  if (is_awaited_) *is_awaited_ = false;
  is_awaited_.reset();
  stop_.request_stop();
  thread_.join();
}

}  // namespace scanhost::boot
