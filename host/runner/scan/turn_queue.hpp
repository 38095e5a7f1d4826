// SPDX-License-Identifier: Apache-2.0
//
// The turns of scans: the first page of a pass is granted at once, later ones in the order in which they were
// asked for, which walks over the partitions page by page.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runner/scan/callbacks.hpp"
#include "runner/scan/coarse_clock.hpp"
#include "runner/scan/concurrency.hpp"
#include "runner/scan/scan.hpp"
#include "runner/scan/turns.hpp"
#include "runner/scan/wake_signal.hpp"
#include "store/client.hpp"

namespace scanhost::runner {

// Either `on_turn` is set, or `answer`: then a blocking call waits for it.
struct turn_request {
  scan_ptr scan;
  std::uint32_t pass = 0;
  scanhost_on_turn on_turn = nullptr;
  void* user = nullptr;
  std::optional<std::uint32_t>* answer = nullptr;
};

class turn_queue {
 public:
  turn_queue(const turn_rules& rules, const cycle_budget& budget, store::client& client, concurrency& limit,
             coarse_clock& clock, callbacks& callbacks, wake_signal& wake)
      : rules_(rules),
        budget_(budget),
        client_(client),
        limit_(limit),
        clock_(clock),
        callbacks_(callbacks),
        wake_(wake) {}

  // False: there is no such pass.
  bool ask(turn_request&& request, std::uint32_t acted);

  // Grants those for which there is room; true: there was one.
  bool grant();

  void halt();  // every turn is answered with 0 from now on, until resume()
  void resume() noexcept { halted_ = false; }
  bool halted() const noexcept { return halted_; }
  void answer_cancelled();  // answers the requests of cancelled scans with 0

  void clear();

 private:
  bool finds_room();
  std::uint32_t allowance(const turn_request& request) const;
  void grant(turn_request&& request);
  void refuse(turn_request& request);
  void answer(turn_request& request, std::uint32_t allowance);  // of one that was let through
  void refresh_clock_for(turn_request&& request);
  void clock_answered(const std::string& node, bool answered);
  bool clock_is_fresh(const turn_request& request) const;

  const turn_rules rules_;
  const cycle_budget& budget_;
  store::client& client_;
  concurrency& limit_;
  coarse_clock& clock_;
  callbacks& callbacks_;
  wake_signal& wake_;
  std::deque<turn_request> queue_;
  std::map<std::string, std::vector<turn_request>> clock_waiters_;  // by their node
  bool halted_ = false;
};

}  // namespace scanhost::runner
