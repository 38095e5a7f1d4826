// SPDX-License-Identifier: Apache-2.0
//
// Edge groups that have fired and whose siblings are still to be cancelled: the members of a partition's set
// `pending_cancel_groups`, walked with SSCAN, page by page, as far as the host grants turns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <scanhost/scanner.hpp>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "common/index_survey.hpp"
#include "common/set_walk.hpp"
#include "common/tally.hpp"

namespace ff {

inline constexpr std::string_view pending_groups_index = "pending_cancel_groups";
std::string pending_groups_key(std::string_view tag);

struct pending_group {
  std::string member;  // as it was found: "<flow id>|<child's execution id>"
  std::string flow;    // canonical
  std::string child;   // as it was found

  std::string canonical_member() const;
  std::string key(std::string_view tag) const;  // of the group's record
};

// Nothing where the member is malformed: no '|', a flow id that is no UUID, a child that is no execution id.
std::optional<pending_group> parse_pending_group(std::string_view member);

// A call with the two keys and the two arguments of the group's functions.
scanhost::command pending_group_call(std::string_view function, std::string_view tag,
                                     const pending_group& group);

// For people: the group that an item names, "<flow id>|<child's execution id>" or its child alone, if it is
// pending in the scan's partition. Nothing: a finding was added that says why not.
scanhost::task<std::optional<pending_group>> find_pending_group(scanhost::scan_context& scan,
                                                                scanhost::explanation& item);
// The partition of the flow in such an item.
std::uint32_t partition_of_group(std::string_view item, std::uint32_t count) noexcept;

// What is kept of one partition from scan to scan. Lost with the scanner's instance.
struct group_place {
  std::string cursor = "0";              // where the next scan goes on
  std::unordered_set<std::size_t> left;  // hashes of members that the last cycle could not settle
};

// What the scans of a scanner share.
class group_memory {
 public:
  group_place& of(std::size_t partition) {
    if (partition >= places_.size()) places_.resize(partition + 1);
    return places_[partition];
  }
  index_survey& survey() noexcept { return survey_; }

 private:
  std::deque<group_place> places_;
  index_survey survey_{pending_groups_index};
};

// One walk over the set of the scan's partition. Malformed members are counted as errors and removed. An
// early scan passes over what was left before.
//
//   while (co_await walk.next()) walk.note_acted_on(co_await handle(walk.groups()));
class group_walk {
 public:
  group_walk(scanhost::scan_context& scan, group_memory& memory, tally& counts);

  // The next groups, as many as may be acted on, are in groups(). False: the walk is over for this scan.
  scanhost::task<bool> next();
  std::vector<pending_group>& groups() noexcept { return groups_; }
  // How many of them were acted on.
  void note_acted_on(std::uint32_t groups) noexcept { acted_on_ = groups; }
  // It could not be settled, and waits for the next cycle.
  void leave(std::string_view member) { place_.left.insert(std::hash<std::string_view>{}(member)); }
  // How many are waiting so.
  std::size_t left() const noexcept { return place_.left.size(); }

 private:
  bool has_more() const noexcept { return next_ < members_.size() || walk_.walking(); }
  scanhost::task<void> read_page(std::uint32_t allowance);
  scanhost::task<void> take_groups(std::uint32_t allowance);

  scanhost::scan_context& scan_;
  tally& counts_;
  group_place& place_;
  index_survey& survey_;
  std::string key_;
  scanhost::pass turns_;
  set_walk walk_;
  std::string page_start_ = "0";      // the cursor with which the page was read
  std::vector<std::string> members_;  // of the page
  std::size_t next_ = 0;              // the first of them that was not looked at
  std::vector<pending_group> groups_;
  std::uint32_t acted_on_ = 0;
  bool begun_ = false;
};

}  // namespace ff
