// SPDX-License-Identifier: Apache-2.0
//
// What the control thread and a generation's own thread share.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <memory>
#include <utility>

#include "runner/generation/gate.hpp"
#include "runner/instance/hang_watch.hpp"
#include "runner/record/record.hpp"

namespace scanhost::runner {

struct shared_state {
  // `held`: at the gate.
  shared_state(std::uint64_t generation_number, std::shared_ptr<const plan::scanner_plan> scanner_plan,
               std::shared_ptr<runner::record> scanner_record, bool held);

  // `stopping` or `stopped`, for the status. A generation that is replaced ends unseen: the scanner does not
  // stop.
  void set_end_state(scanner_state state) const;

  const std::uint64_t number;
  const std::shared_ptr<const plan::scanner_plan> plan;
  const std::shared_ptr<runner::record> record;
  boost::asio::io_context context;
  runner::gate gate;
  call_count calls;
  std::atomic<bool> stopping{false};
  std::atomic<bool> abandoned{false};
};

}  // namespace scanhost::runner
