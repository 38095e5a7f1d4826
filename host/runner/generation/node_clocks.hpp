// SPDX-License-Identifier: Apache-2.0
//
// The clocks of the store's nodes in a cycle: each node is asked for its time once, before the first scan of
// its partitions, and those wait for it. With one server there is one node. On the generation's thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "runner/scan/wake_signal.hpp"
#include "store/client.hpp"

namespace scanhost::runner {

class node_clocks {
 public:
  // Both have to outlive it.
  node_clocks(store::client& client, wake_signal& wake) noexcept : client_(client), wake_(wake) {}

  // What a node told since `now` is its time in this cycle; or since take_from(), if that came before.
  void begin_cycle(base::steady_time now);
  // The next cycle does not ask for a clock again that is told from now on.
  void take_from(base::steady_time now) noexcept { next_from_ = now; }

  // Whether the node at this route has told its time in this cycle.
  bool is_fresh(std::string_view route, base::steady_time now) const {
    return client_.clock_age(route, now) <= now - from_;
  }
  // Asks the node at this route, unless that is under way, and raises the signal when it has answered.
  // `done`: called before that, with the node's name and what came of it.
  using on_answer = std::function<void(const std::string& node, const base::result<void>& answer)>;
  void ask(const std::string& route, on_answer done);

  // The node has not told its time, and is not asked again in this cycle.
  void note_silent(const std::string& node) { silent_.insert(node); }
  bool is_silent(std::string_view route) const {
    return !silent_.empty() && silent_.contains(client_.node_at(route));
  }
  // Whether this is the first silence of the cycle that is worth a line in the log; once.
  bool take_first_silence() noexcept { return !std::exchange(silence_reported_, true); }

  // Partitions, by their index in the cycle, that wait for their node's clock.
  void add_waiting(std::uint32_t index) { waiting_.push_back(index); }
  bool has_waiting() const noexcept { return !waiting_.empty(); }
  void drop_waiting() noexcept { waiting_.clear(); }
  // All of them, if a clock was answered since the last call, or they were let go on; else none.
  std::vector<std::uint32_t> take_waiting();
  void let_go_on() noexcept { may_go_on_ = true; }

 private:
  store::client& client_;
  wake_signal& wake_;
  base::steady_time from_{};
  std::optional<base::steady_time> next_from_;  // none: from the begin of the next cycle
  std::set<std::string> asked_;                 // these nodes
  std::set<std::string, std::less<>> silent_;
  bool silence_reported_ = false;
  std::vector<std::uint32_t> waiting_;
  bool may_go_on_ = false;
};

}  // namespace scanhost::runner
