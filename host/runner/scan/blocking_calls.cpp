// SPDX-License-Identifier: Apache-2.0
#include "runner/scan/blocking_calls.hpp"

#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <optional>
#include <utility>

namespace scanhost::runner {

template <class Done>
void blocking_calls::run_loop_until(Done done) {
  const plugin_calls::pause not_the_plugins_time(calls_);
  while (!done()) {
    turns_.grant();
    if (done()) return;
    if (context_.run_one() == 0) return;
    clock_.read();
  }
}

const scanhost_replies* blocking_calls::execute(const scan_ptr& scan, const scanhost_command* commands,
                                                std::size_t count, std::size_t stride, const char*& refusal) {
  reply_batch_ptr answer;
  pending_batch batch;
  batch.scan = scan;
  batch.answer = &answer;
  refusal = batches_.send(commands, count, stride, std::move(batch));
  if (refusal != nullptr) return nullptr;
  run_loop_until([&] { return answer != nullptr; });
  if (!answer) return nullptr;
  const auto* replies = answer->raw();
  scan->lent_replies.push_back(std::move(answer));
  return replies;
}

std::uint32_t blocking_calls::next_page(const scan_ptr& scan, std::uint32_t pass, std::uint32_t acted) {
  std::optional<std::uint32_t> answer;
  turn_request request;
  request.scan = scan;
  request.pass = pass;
  request.answer = &answer;
  if (!turns_.ask(std::move(request), acted)) return 0;
  run_loop_until([&] { return answer.has_value(); });
  return answer.value_or(0);
}

void blocking_calls::pause(const scan_ptr& scan, base::milliseconds delay) {
  if (scan->cancelled) return;
  bool fired = false;
  const auto timer = std::make_shared<boost::asio::steady_timer>(context_, delay);
  scan->timers.push_back(timer);
  timer->async_wait([&fired](const auto&) { fired = true; });
  run_loop_until([&] { return fired; });
  std::erase(scan->timers, timer);
}

}  // namespace scanhost::runner
