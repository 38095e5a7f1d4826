// SPDX-License-Identifier: Apache-2.0
#include "verify/ledger.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>

#include "base/counted.hpp"

namespace scanhost::verify {
namespace {

using testing::call;
using testing::memory_store;

constexpr std::size_t min_element = 3;  // shorter ones are in arguments by chance

// Whether an argument is an element, or a key that ends with one: "cart:{shard:3}:42".
bool names(const std::string& argument, const std::string& element) {
  if (!argument.ends_with(element)) return false;
  const auto before = argument.size() - element.size();
  return before == 0 || std::isalnum(static_cast<unsigned char>(argument[before - 1])) == 0;
}

// By its name and keys: of a script the text, and all arguments, would only be long.
std::string shown(const call& asked) {
  return fmt::format("{} {}", testing::stored::upper(asked.args.front()),
                     fmt::join(memory_store::keys_of(asked), " "));
}

}  // namespace

// Turns of one pass replace each other. Which pass a call belongs to is not known, so those of several passes
// add up.
void ledger::add_turn(const testing::turn_request& asked, std::uint32_t allowance) {
  auto& scan = scans_[asked.scan];
  scan.passes.insert(asked.pass);
  scan.items.clear();
  if (allowance > 0) ++totals_.turns;
  if (scan.passes.size() == 1) {
    scan.credit = allowance;
    scan.allowed = allowance;
    scan.sent = 0;
    return;
  }
  scan.credit += allowance;
  scan.allowed += allowance;
}

std::optional<ledger::violation> ledger::add_acting_call(scan_account& scan, const call& asked,
                                                         bool has_turns) {
  ++scan.acting_calls;
  scan.marked.insert(asked.item);
  scan.marked.merge(elements_in(scan, asked));
  if (!has_turns) return std::nullopt;
  const bool is_known = !asked.item.empty() && !scan.items.insert(asked.item).second;
  const auto more = asked.items - (is_known ? 1 : 0);
  scan.credit -= static_cast<std::int64_t>(more);
  scan.sent += more;
  if (scan.passes.empty())
    return violation{fault::acts_without_turn,
                     fmt::format("it acts without having asked for a turn: {}", shown(asked))};
  if (scan.credit >= 0) return std::nullopt;
  return violation{fault::acts_beyond_turn,
                   fmt::format("it acts on {} where its {} allowed {}", base::counted(scan.sent, "candidate"),
                               scan.passes.size() > 1 ? "turns" : "turn", scan.allowed)};
}

std::optional<ledger::violation> ledger::add_command(scan_id id, const call& asked,
                                                     const testing::answer& given, bool has_turns) {
  add_to_totals(asked);
  if (!judges_) return std::nullopt;
  auto& scan = scans_[id];
  const auto offered =
      memory_store::offers(asked.args.front()) ? elements_in(given.reply) : std::set<std::string>();
  if (asked.acts()) {
    scan.marked.insert(offered.begin(), offered.end());
    return add_acting_call(scan, asked, has_turns);
  }
  if (memory_store::changes(asked)) {
    scan.changing_command = shown(asked);
    for (const auto& element : offered) scan.unmarked.emplace(element, shown(asked));
    for (const auto& element : elements_in(scan, asked)) scan.unmarked.emplace(element, shown(asked));
  }
  scan.read.insert(offered.begin(), offered.end());
  return std::nullopt;
}

void ledger::add_to_totals(const call& asked) {
  ++totals_.commands;
  if (!memory_store::knows(asked.args.front()))
    totals_.unknown.insert(testing::stored::upper(asked.args.front()));
  if (!asked.acts()) return;
  ++totals_.acting_calls;
  auto& about = acted_on_[asked.tag];
  const auto& item = asked.item.empty() ? asked.text() : asked.item;
  if (std::find(about.begin(), about.end(), item) == about.end()) about.push_back(item);
}

std::optional<ledger::violation> ledger::look_for_unmarked(const testing::scan_report& report) const {
  const auto found = scans_.find(report.id);
  if (found == scans_.end() || !report.finished) return std::nullopt;
  const auto& scan = found->second;
  for (const auto& [element, command] : scan.unmarked)
    if (scan.marked.count(element) == 0)
      return violation{
          fault::unmarked_call,
          fmt::format("no call about {} is marked as acting, but this one changes it: {}", element, command)};
  const bool counts_changes = report.result.processed > report.result.unchanged;
  if (!counts_changes || scan.acting_calls > 0 || scan.changing_command.empty()) return std::nullopt;
  return violation{fault::unmarked_call,
                   fmt::format("its result has {} processed and changed, but no call is marked as acting: {}",
                               report.result.processed - report.result.unchanged, scan.changing_command)};
}

void ledger::forget() {
  scans_.clear();
  acted_on_.clear();
}

std::set<std::string> ledger::elements_in(const scan_account& scan, const call& asked) {
  std::set<std::string> found;
  for (const auto& element : scan.read)
    if (std::any_of(asked.args.begin() + 1, asked.args.end(),
                    [&](const std::string& argument) { return names(argument, element); }))
      found.insert(element);
  return found;
}

std::set<std::string> ledger::elements_in(const testing::value& reply) {
  std::set<std::string> found;
  const bool is_number = testing::stored::score_of(reply.text).has_value();
  if (reply.kind == SCANHOST_REPLY_STRING && reply.text.size() >= min_element && !is_number)
    found.insert(reply.text);
  for (const auto& element : reply.elements) found.merge(elements_in(element));
  return found;
}

}  // namespace scanhost::verify
