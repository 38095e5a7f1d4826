// SPDX-License-Identifier: Apache-2.0
//
// Edge groups that have fired and whose siblings are still to be cancelled: the members of a partition's set
// `pending_cancel_groups`, walked with SSCAN, page by page, as far as the host grants turns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <scanhost/scanner.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "common/set_walk.hpp"
#include "common/tally.hpp"

namespace ff {

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

// Where the next scan of each partition goes on: cursors. Lost with the scanner's instance.
class group_places {
 public:
  std::string& of(std::size_t partition) {
    if (partition >= cursors_.size()) cursors_.resize(partition + 1, "0");
    return cursors_[partition];
  }

 private:
  std::deque<std::string> cursors_;
};

// One walk over the set of the scan's partition. Malformed members are counted as errors and removed.
//
//   while (co_await walk.next()) walk.note_acted_on(co_await handle(walk.groups()));
class group_walk {
 public:
  group_walk(scanhost::scan_context& scan, group_places& places, tally& counts);

  // The next groups, as many as may be acted on, are in groups(). False: the walk is over for this scan.
  scanhost::task<bool> next();
  std::vector<pending_group>& groups() noexcept { return groups_; }
  // How many of them were acted on.
  void note_acted_on(std::uint32_t groups) noexcept { acted_on_ = groups; }

 private:
  bool has_more() const noexcept { return next_ < members_.size() || walk_.walking(); }
  scanhost::task<void> read_page(std::uint32_t allowance);
  scanhost::task<void> take_groups(std::uint32_t allowance);

  scanhost::scan_context& scan_;
  tally& counts_;
  std::string& place_;
  std::string key_;
  scanhost::pass turns_;
  set_walk walk_;
  std::string page_start_ = "0";      // the cursor with which the page was read
  std::vector<std::string> members_;  // of the page
  std::size_t next_ = 0;              // the first of them that was not looked at
  std::vector<pending_group> groups_;
  std::uint32_t acted_on_ = 0;
};

}  // namespace ff
