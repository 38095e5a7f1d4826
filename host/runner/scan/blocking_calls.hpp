// SPDX-License-Identifier: Apache-2.0
//
// The blocking forms of execute, next_page and after, for serial plugins: the event loop runs inside the
// call. The plugin is not called meanwhile: its callbacks wait.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <cstdint>

#include "runner/instance/plugin_calls.hpp"
#include "runner/scan/coarse_clock.hpp"
#include "runner/scan/command_batches.hpp"
#include "runner/scan/turn_queue.hpp"

namespace scanhost::runner {

class blocking_calls {
 public:
  blocking_calls(boost::asio::io_context& context, plugin_calls& calls, command_batches& batches,
                 turn_queue& turns, coarse_clock& clock) noexcept
      : context_(context), calls_(calls), batches_(batches), turns_(turns), clock_(clock) {}

  // Null: the loop was stopped, or the commands were not sent, which `refusal` explains.
  const scanhost_replies* execute(const scan_ptr& scan, const scanhost_command* commands, std::size_t count,
                                  std::size_t stride, const char*& refusal);
  std::uint32_t next_page(const scan_ptr& scan, std::uint32_t pass, std::uint32_t acted);
  // Returns early when the scan is or becomes cancelled.
  void pause(const scan_ptr& scan, base::milliseconds delay);

 private:
  template <class Done>
  void run_loop_until(Done done);

  boost::asio::io_context& context_;
  plugin_calls& calls_;
  command_batches& batches_;
  turn_queue& turns_;
  coarse_clock& clock_;
};

}  // namespace scanhost::runner
