// SPDX-License-Identifier: Apache-2.0
#include "boot/plan_worker.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <exception>
#include <utility>

#include "base/log.hpp"

namespace scanhost::boot {
namespace {

bool can_pass(const base::error& problem) {
  return problem.code == base::errc::unavailable || problem.code == base::errc::timed_out;
}

}  // namespace

void plan_worker::start(handlers handlers) {
  handlers_ = std::move(handlers);
  is_awaited_ = std::make_shared<bool>(true);
  read();
}

void plan_worker::read() {
  thread_.join();  // that of the attempt before, which has ended
  thread_.start("sh-start", [this, is_awaited = is_awaited_, stop = stop_.get_token()]() mutable {
    plans result = base::fail(base::errc::software, "reading the plans ended without a result");
    try {
      result = handlers_.read(stop);
    } catch (const std::exception& problem) {
      result = base::fail(base::errc::software, problem.what());
    }
    boost::asio::post(context_, [this, is_awaited, result = std::move(result)]() mutable {
      if (*is_awaited) take(std::move(result));
    });
  });
}

void plan_worker::take(plans result) {
  if (result || !can_pass(result.error())) return handlers_.done(std::move(result));
  const auto before = std::exchange(waiting_for_, result.error().message);
  if (waiting_for_ != before)
    base::log(base::events::store_awaited, {}, fmt::format("waiting for the store: {}", waiting_for_),
              {{"error", waiting_for_}});
  try_again_later();
  handlers_.waiting();
}

void plan_worker::try_again_later() {
  retry_timer_.expires_after(retry_);
  retry_ = std::min(2 * retry_, max_retry);
  retry_timer_.async_wait([this, is_awaited = is_awaited_](const auto& problem) {
    if (!problem && *is_awaited) read();
  });
}

void plan_worker::abandon() {
  if (is_awaited_) *is_awaited_ = false;
  stop_.request_stop();
  thread_.join();
}

}  // namespace scanhost::boot
