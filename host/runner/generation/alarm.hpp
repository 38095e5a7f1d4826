// SPDX-License-Identifier: Apache-2.0
//
// Calls a function at one moment, which can be moved.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <optional>
#include <utility>

#include "base/clock.hpp"

namespace scanhost::runner {

class alarm {
 public:
  alarm(boost::asio::io_context& context, std::function<void()> ring)
      : timer_(context), ring_(std::move(ring)) {}

  // None: the alarm is off.
  void set(std::optional<base::steady_time> moment) {
    if (moment == moment_) return;
    moment_ = moment;
    if (!moment) {
      timer_.cancel();
      return;
    }
    timer_.expires_at(*moment);
    timer_.async_wait([this](const auto& problem) {
      if (problem) return;
      moment_.reset();
      ring_();
    });
  }

 private:
  boost::asio::steady_timer timer_;
  std::function<void()> ring_;
  std::optional<base::steady_time> moment_;
};

}  // namespace scanhost::runner
