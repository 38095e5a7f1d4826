// SPDX-License-Identifier: Apache-2.0
#include "runner/generation/node_clocks.hpp"

namespace scanhost::runner {

void node_clocks::begin_cycle(base::steady_time now) {
  from_ = std::exchange(next_from_, std::nullopt).value_or(now);
  silent_.clear();
  silence_reported_ = false;
}

void node_clocks::ask(const std::string& route, on_answer done) {
  const auto node = client_.node_at(route);
  if (!asked_.insert(node).second) return;
  client_.refresh_clock(route, [this, node, done = std::move(done)](const base::result<void>& answer) {
    asked_.erase(node);
    may_go_on_ = true;
    done(node, answer);
    wake_.raise();
  });
}

std::vector<std::uint32_t> node_clocks::take_waiting() {
  if (waiting_.empty() || !std::exchange(may_go_on_, false)) return {};
  return std::exchange(waiting_, {});
}

}  // namespace scanhost::runner
