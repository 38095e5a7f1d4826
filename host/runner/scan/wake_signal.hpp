// SPDX-License-Identifier: Apache-2.0
//
// Tells the scanner's loop that there is something to do: however often it is raised, the loop looks once,
// and never inside the call that raised it.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <functional>
#include <utility>

namespace scanhost::runner {

class wake_signal {
 public:
  wake_signal(boost::asio::io_context& context, std::function<void()> look)
      : context_(context), look_(std::move(look)) {}
  wake_signal(const wake_signal&) = delete;
  wake_signal& operator=(const wake_signal&) = delete;

  void raise() {
    if (std::exchange(raised_, true)) return;
    boost::asio::post(context_, [this] {
      raised_ = false;
      look_();
    });
  }

 private:
  boost::asio::io_context& context_;
  std::function<void()> look_;
  bool raised_ = false;
};

}  // namespace scanhost::runner
