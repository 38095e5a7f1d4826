// SPDX-License-Identifier: Apache-2.0
//
// The blocking forms, for serial plugins.
#include <algorithm>
#include <utility>

#include "runner/scan/visits.hpp"

namespace scanhost::runner {

scan_ptr visits::blocking_scan(scanhost_scan* handle) {
  const auto scan = find(handle);
  if (!scan || !description_.serial || inside_scan_ != handle) return nullptr;
  return scan;
}

// Runs the event loop inside a call of the plugin. The plugin is not called meanwhile: step() is not
// reached, what becomes ready waits.
template <class Done>
void visits::run_loop_until(Done done) {
  const plugin_calls::pause not_the_plugins_time(calls_);
  while (!done()) {
    grant_turns();
    if (done()) return;
    if (context_.run_one() == 0) return;
    look_at_clock();
  }
}

const scanhost_replies* visits::execute_and_wait(scanhost_scan* handle, const scanhost_command* commands,
                                                 std::size_t count, std::size_t stride) {
  const auto scan = blocking_scan(handle);
  if (!scan) return nullptr;
  reply_batch_ptr answer;
  pending_batch pending;
  pending.scan = scan;
  pending.answer = &answer;
  if (!send(commands, count, stride, std::move(pending))) return nullptr;
  run_loop_until([&] { return answer != nullptr; });
  if (!answer) return nullptr;
  const auto* replies = answer->raw();
  scan->held.push_back(std::move(answer));
  return replies;
}

std::uint32_t visits::wait_for_page(scanhost_scan* handle, std::uint32_t pass, std::uint32_t acted) {
  const auto scan = blocking_scan(handle);
  if (!scan) return 0;
  std::optional<std::uint32_t> answer;
  turn_request request;
  request.answer = &answer;
  if (!ask(scan, pass, acted, std::move(request))) return 0;
  run_loop_until([&] { return answer.has_value(); });
  return answer.value_or(0);
}

void visits::pause(scanhost_scan* handle, std::uint64_t delay_ms) {
  const auto scan = blocking_scan(handle);
  if (!scan || scan->cancelled) return;
  bool fired = false;
  constexpr std::uint64_t longest = 24ull * 3600 * 1000;
  const auto timer = std::make_shared<boost::asio::steady_timer>(
      context_, std::chrono::milliseconds(std::min(delay_ms, longest)));
  scan->timers.push_back(timer);
  timer->async_wait([&fired](const auto&) { fired = true; });
  run_loop_until([&] { return fired; });
  std::erase(scan->timers, timer);
}

}  // namespace scanhost::runner
