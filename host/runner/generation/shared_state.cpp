// SPDX-License-Identifier: Apache-2.0
#include "runner/generation/shared_state.hpp"

namespace scanhost::runner {

namespace {

// With the hint 1, what a handler posts waits until that handler is done. A blocking call runs the loop
// inside a handler, and waits for what was posted there.
int concurrency_hint(const config::description& plugin) {
  return plugin.serial ? BOOST_ASIO_CONCURRENCY_HINT_DEFAULT : 1;
}

}  // namespace

shared_state::shared_state(std::uint64_t generation_number,
                           std::shared_ptr<const plan::scanner_plan> scanner_plan,
                           std::shared_ptr<runner::record> scanner_record, bool held)
    : number(generation_number),
      plan(std::move(scanner_plan)),
      record(std::move(scanner_record)),
      context(concurrency_hint(plan->plugin.description)),
      gate(held) {}

void shared_state::set_end_state(scanner_state state) const {
  if (!gate.state_requested()) record->set_state(number, state);
}

}  // namespace scanhost::runner
