// SPDX-License-Identifier: Apache-2.0
//
// How a coroutine waits for the reply of a control handler, which may come at once, later or never.
#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "admin/control.hpp"
#include "base/clock.hpp"

namespace scanhost::admin {

// The timer is the bell that says that there is an answer.
struct control_wait {
  explicit control_wait(const boost::asio::any_io_executor& where) : bell(where) {}
  boost::asio::steady_timer bell;
  std::optional<control_answer> answer;
};

// Held by the reply alone: when that goes without a word, so does the hope for one. It does not keep the one
// who waits alive.
class control_promise {
 public:
  control_promise(std::weak_ptr<control_wait> to, boost::asio::any_io_executor where)
      : to_(std::move(to)), where_(std::move(where)) {}
  ~control_promise() {
    if (!answered_ && !to_.expired())  // on whichever thread this is; else the context may be gone, too
      boost::asio::post(where_, [to = to_] {
        say_to(to, {base::exit_code::software, "no answer: the host lost the request, which is a bug", {}});
      });
  }
  control_promise(const control_promise&) = delete;
  control_promise& operator=(const control_promise&) = delete;

  void say(control_answer answer) {
    answered_ = true;
    say_to(to_, std::move(answer));
  }

 private:
  static void say_to(const std::weak_ptr<control_wait>& to, control_answer answer) {
    const auto there = to.lock();
    if (!there || there->answer) return;
    there->answer = std::move(answer);
    there->bell.cancel();
  }

  std::weak_ptr<control_wait> to_;
  boost::asio::any_io_executor where_;
  std::atomic<bool> answered_ = false;
};

// Hands the request over and waits for the answer, at most `patience`. The handler stays where it is
// meanwhile.
inline boost::asio::awaitable<control_answer> ask_handler(const control_handler& handler,
                                                          control_request request,
                                                          base::milliseconds patience) {
  const auto wait = std::make_shared<control_wait>(co_await boost::asio::this_coro::executor);
  wait->bell.expires_after(patience);
  {
    const auto reply = std::make_shared<control_promise>(wait, wait->bell.get_executor());
    try {
      handler(std::move(request), [reply](control_answer answer) { reply->say(std::move(answer)); });
    } catch (const std::exception& problem) {
      reply->say({base::exit_code::software, std::string("the host failed: ") + problem.what(), {}});
    }
  }
  boost::system::error_code ignored;
  if (!wait->answer)
    co_await wait->bell.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
  if (!wait->answer)
    co_return control_answer{base::exit_code::unavailable, "the host is still at it; see the status", {}};
  co_return std::move(*wait->answer);
}

}  // namespace scanhost::admin
