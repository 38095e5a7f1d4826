// SPDX-License-Identifier: Apache-2.0
//
// Failures by partition and item, across cycles, restarts and reloads. Three failures in a row put an item
// into back-off; it is skipped in the next nine cycles and tried again in the tenth. For people, it notes
// what the first items that fail were told last: a bounded number, so that a million failing items cost no
// more.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "runner/record/failing_items.hpp"

namespace scanhost::runner {

class failure_tracker {
 public:
  static constexpr std::uint64_t threshold = 3;
  static constexpr std::uint64_t back_off_cycles = 10;
  static constexpr std::uint64_t clean_up_period = 50;  // cycles
  static constexpr std::size_t clean_up_size = 500;     // items
  static constexpr std::size_t max_notes = 1000;        // items of which the last message is kept
  static constexpr std::size_t max_message_size = 400;  // bytes
  static constexpr std::size_t max_listed_size = 1024;  // bytes of an item's name

  // A cycle begins. Every 50th forgets the items that are not in back-off when more than 500 are known.
  void advance();

  // Whether to skip the item. The first "no" after a back-off restarts its count.
  bool should_skip(std::string_view tag, std::string_view item);

  // True when this failure put the item into back-off. `message`, `at`: for list().
  bool add_failure(std::string_view tag, std::string_view item, std::string_view message = {},
                   base::timestamp at = {});

  void add_success(std::string_view tag, std::string_view item);

  // Forgets the items of all partitions but these, and those without a partition.
  void keep_partitions(const std::vector<std::string>& tags);

  std::size_t size() const noexcept { return items_.size(); }
  std::uint64_t in_back_off() const noexcept;

  // The items that are in back-off or have failed in the last ten cycles, at most `max_items` of them, the
  // first that failed first. Their next_try is left open.
  failure_list list(std::size_t max_items) const;

  // The item in all of its partitions, whenever it failed; what is not noted of it is left empty. Walks all
  // items.
  failure_list list_of(std::string_view item, std::size_t max_items) const;

  // Takes items out of back-off: those of this name in all partitions, or all. Walks all items.
  retried_items retry(std::optional<std::string_view> item);

 private:
  struct entry {
    std::uint64_t failures = 0;
    std::uint64_t skip_until = 0;
  };
  using entries = std::unordered_map<std::string, entry>;

  struct note {
    std::uint64_t times = 0;
    std::uint64_t cycle = 0;  // of the latest failure
    base::timestamp since{};
    base::timestamp latest{};
    std::string message;
  };
  using notes = std::unordered_map<std::string, note>;

  void write_note(std::string_view message, base::timestamp at);
  bool is_current(const notes::value_type& failing) const;
  failing_item describe(const notes::value_type& failing) const;
  std::uint64_t cycles_left(const std::string& key) const;

  const std::string& key_of(std::string_view tag, std::string_view item);
  bool in_back_off(const entry& tracked) const noexcept;
  void leave_back_off(const entry& tracked);

  std::uint64_t cycle_ = 0;
  std::string key_;  // its memory is used again
  entries items_;
  notes notes_;                                  // by the same keys, of some of the items
  std::map<std::uint64_t, std::uint64_t> ends_;  // skip_until -> items, so that in_back_off() walks few
};

}  // namespace scanhost::runner
