// SPDX-License-Identifier: Apache-2.0
#include "common/pending_groups.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "common/explained.hpp"
#include "common/function_call.hpp"
#include "common/ids.hpp"
#include "common/keys.hpp"

namespace ff {

using scanhost::task;

std::string pending_groups_key(std::string_view tag) { return index_key(tag, pending_groups_index); }

std::string pending_group::canonical_member() const { return joined(flow, "|", child); }

std::string pending_group::key(std::string_view tag) const { return flow_keys(tag, flow).edge_group(child); }

std::optional<pending_group> parse_pending_group(std::string_view member) {
  const auto bar = member.find('|');
  if (bar == std::string_view::npos) return std::nullopt;
  const auto flow = parse_uuid(member.substr(0, bar));
  const auto child = member.substr(bar + 1);
  if (!flow || !execution_partition(child)) return std::nullopt;
  return pending_group{std::string(member), canonical(*flow), std::string(child)};
}

scanhost::command pending_group_call(std::string_view function, std::string_view tag,
                                     const pending_group& group) {
  const std::array keys = {pending_groups_key(tag), group.key(tag)};
  auto call = function_call(function, keys, group.flow, group.child);
  return std::move(call.acts(group.member));
}

std::uint32_t partition_of_group(std::string_view item, std::uint32_t count) noexcept {
  return partition_of_item(item.substr(0, item.find('|')), count);
}

task<std::optional<pending_group>> find_pending_group(scanhost::scan_context& scan,
                                                      scanhost::explanation& item) {
  using scanhost::standing;
  const auto index = pending_groups_key(scan.tag());
  std::string member(item.name());
  if (execution_partition(member)) {
    scanhost::command read("HGET", execution_keys(scan.tag(), member).core(), "flow_id");
    const auto answers = co_await scan.execute(std::move(read));
    if (!answers.front().ok()) {
      item.add(unreadable("reading its core", answers.front(), index));
      co_return std::nullopt;
    }
    member = joined(canonical_or_as_found(answers.front().reply().text()), "|", member);
  }
  scanhost::command read("SISMEMBER", index, member);
  const auto answers = co_await scan.execute(std::move(read));
  const auto entry = answers.front();
  auto group = parse_pending_group(member);
  if (!entry.ok())
    item.add(unreadable("reading the groups that are pending", entry, index));
  else if (entry.reply().integer() == 0)
    item.add(standing::not_here, "no edge group of this name has fired and is still to be settled", index);
  else if (!group)
    item.add(standing::malformed, "it is not '<flow id>|<execution id>': the next scan removes it", index);
  else
    co_return group;
  co_return std::nullopt;
}

group_walk::group_walk(scanhost::scan_context& scan, group_memory& memory, tally& counts)
    : scan_(scan),
      counts_(counts),
      place_(memory.of(scan.index())),
      survey_(memory.survey()),
      key_(pending_groups_key(scan.tag())),
      turns_(scan.pass(0)),
      walk_(key_, counts.host().page_size()) {
  walk_.go_to(place_.cursor);
  if (!scan.early()) place_.left.clear();
}

task<bool> group_walk::next() {
  groups_.clear();
  if (!std::exchange(begun_, true) && !co_await survey_.may_exist(scan_)) co_return false;
  while (!counts_.cancelled() && has_more()) {
    const auto turn = co_await turns_.next_page(std::exchange(acted_on_, 0));
    if (!turn) break;
    if (next_ == members_.size()) co_await read_page(turn.allowance);
    if (!counts_.cancelled()) co_await take_groups(turn.allowance);
    if (!groups_.empty()) co_return true;
  }
  place_.cursor = next_ < members_.size() ? page_start_ : walk_.cursor();
  co_return false;
}

// A small set comes as one page, however many may be acted on: then each cycle begins at another member, so
// that those that stay do not hide the others.
task<void> group_walk::read_page(std::uint32_t allowance) {
  page_start_ = walk_.cursor();
  members_ = co_await walk_.next(scan_);
  next_ = 0;
  if (walk_.ended() == set_walk::state::cancelled) counts_.cancel();
  if (!walk_.message().empty()) counts_.add_error(walk_.message());
  if (scan_.early())
    std::erase_if(members_, [this](const std::string& member) {
      return place_.left.contains(std::hash<std::string_view>{}(member));
    });
  if (members_.size() <= allowance) co_return;
  const auto start = scan_.cycle() * allowance % members_.size();
  std::rotate(members_.begin(), members_.begin() + static_cast<std::ptrdiff_t>(start), members_.end());
}

task<void> group_walk::take_groups(std::uint32_t allowance) {
  const auto end = next_ + std::min<std::size_t>(allowance, members_.size() - next_);
  scanhost::batch removals;
  for (; next_ < end; ++next_) {
    const auto& member = members_[next_];
    if (auto group = parse_pending_group(member)) {
      groups_.push_back(std::move(*group));
      continue;
    }
    counts_.add_error(joined("member '", printable(member), "' of ", key_,
                             " is not '<flow id>|<execution id>': it is removed"));
    removals.add("SREM", key_, member).acts(member);
  }
  // A member that could not be removed is found again.
  co_await scan_.execute(std::move(removals));
}

}  // namespace ff
