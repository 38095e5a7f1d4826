// SPDX-License-Identifier: Apache-2.0
//
// Whether a scan acts on more items than its turns allow. Pure.
//
// A turn allows a number of candidates, and what the host sees are commands, of which one candidate may need
// several. So each item counts once from one turn to the next. What a turn leaves over counts for those that
// follow, since passes may run beside each other: a scan that stays within its turns is never reported. One
// that asks for no turn has no allowance, and is not judged.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace scanhost::runner {

class acted_items {
 public:
  // A turn was answered; 0: it was refused.
  void allow(std::uint32_t candidates);
  // A command acts on `count` items (1 or more), of which `item` is one; empty: it names none.
  void add(std::string_view item, std::uint32_t count);
  // How many items were acted on beyond all turns so far.
  std::uint64_t beyond_allowance();
  // Forgets everything but its memory.
  void reset() noexcept;

 private:
  void settle();
  void remove_repetitions();

  std::vector<std::size_t> named_;  // hashes of the items since the last turn
  std::uint64_t unnamed_ = 0;       // other items since then
  bool asked_ = false;              // for a turn
  std::uint64_t allowed_ = 0;       // left of the turns
  std::uint64_t beyond_ = 0;
  std::size_t repetitions_removed_at_ = 0;  // the size of named_ then
};

}  // namespace scanhost::runner
