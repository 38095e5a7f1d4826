// SPDX-License-Identifier: Apache-2.0
//
// Which partitions are visited before their next cycle, and when: those whose next candidate comes due at
// a known moment. Pure.
//
// A visit that arrives too early finds nothing, so visits leave just after their moment. To spare the
// store a visit for each of many items, departures are at least `departure_gap` apart, and one partition
// is visited early at most every `partition_gap`.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "base/clock.hpp"

namespace scanhost::runner {

class early_visits {
 public:
  static constexpr base::milliseconds departure_gap{5};
  static constexpr base::milliseconds partition_gap{10};
  // The server's clock is known to a whole ms, rounded down.
  static constexpr base::milliseconds clock_margin{1};

  // The next candidate of `partition` comes due at `due` (on our clock). Replaces what was known.
  void know(std::uint32_t partition, base::steady_time due);

  // Forgets `partition`: it is about to be scanned, or has no next candidate.
  void forget(std::uint32_t partition);

  // There is no such partition any more; its number may come again for another one.
  void remove(std::uint32_t partition);
  void clear();

  // When to call take(); none: nothing is known.
  std::optional<base::steady_time> next_departure() const;

  // The partitions to visit now, earliest first; they are forgotten until the next know().
  std::vector<std::uint32_t> take(base::steady_time now);

 private:
  struct partition_state {
    std::optional<base::steady_time> planned;
    std::optional<base::steady_time> last_visit;
  };
  partition_state& state_of(std::uint32_t partition);

  std::vector<partition_state> states_;
  std::set<std::pair<base::steady_time, std::uint32_t>> plan_;
  std::optional<base::steady_time> last_departure_;
};

}  // namespace scanhost::runner
