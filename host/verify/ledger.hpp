// SPDX-License-Identifier: Apache-2.0
//
// Counts what scans send against what their turns allowed: the commands themselves, not what a plugin
// reports.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "scanhost/testing/fake_host.hpp"
#include "verify/exercise.hpp"
#include "verify/fault.hpp"

namespace scanhost::verify {

class ledger {
 public:
  using scan_id = std::size_t;

  struct violation {
    fault kind;
    std::string what;
  };

  // `judges`: looks for what is wrong; otherwise it only counts, which takes much less time.
  explicit ledger(bool judges) noexcept : judges_(judges) {}

  void add_turn(const testing::turn_request& asked, std::uint32_t allowance);

  // A command and its answer. `has_turns`: it is of a partition's scan, not of begin_cycle or end_cycle,
  // whose calls no turn limits.
  std::optional<violation> add_command(scan_id scan, const testing::call& asked, const testing::answer& given,
                                       bool has_turns);

  // After a scan that finished: changing commands that it did not mark.
  std::optional<violation> look_for_unmarked(const testing::scan_report& scan) const;

  // What acting calls were about, in the order in which they were sent first, by the partition's tag. A call
  // that names no item is known by its arguments.
  const std::map<std::string, std::vector<std::string>>& acted_on() const noexcept { return acted_on_; }

  const exercise& totals() const noexcept { return totals_; }
  void forget();  // all scans

 private:
  struct scan_account {
    std::set<std::uint32_t> passes;
    std::int64_t credit = 0;       // candidates that are still allowed
    std::uint64_t allowed = 0;     // by the last turn, or by all turns of several passes
    std::uint64_t sent = 0;        // against that
    std::set<std::string> items;   // that were acted on since the last turn
    std::set<std::string> read;    // elements that collections offered
    std::set<std::string> marked;  // elements that acting calls are about
    std::map<std::string, std::string>
        unmarked;  // elements that other changing commands are about, and which
    std::size_t acting_calls = 0;
    std::string changing_command;  // one that was not marked
  };

  void add_to_totals(const testing::call& asked);
  std::optional<violation> add_acting_call(scan_account& scan, const testing::call& asked, bool has_turns);
  static std::set<std::string> elements_in(const scan_account& scan, const testing::call& asked);
  static std::set<std::string> elements_in(const testing::value& reply);

  std::map<scan_id, scan_account> scans_;
  std::map<std::string, std::vector<std::string>> acted_on_;
  exercise totals_;
  bool judges_;
};

}  // namespace scanhost::verify
