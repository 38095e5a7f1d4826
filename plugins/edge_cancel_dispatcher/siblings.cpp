// SPDX-License-Identifier: Apache-2.0
#include "edge_cancel_dispatcher/siblings.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include "common/function_call.hpp"
#include "common/ids.hpp"
#include "common/keys.hpp"
#include "common/reply_class.hpp"

namespace ff {
namespace {

using scanhost::scan_context;
using scanhost::task;

// At most so many siblings are read and cancelled at once: it bounds the memory of a scan.
constexpr std::size_t siblings_at_once = 200;
constexpr std::size_t phase_field = 4;  // behind those that the call needs

struct sibling {
  fired_group* group;
  std::string_view id;  // in the group's list
  std::string tag;      // of the sibling's own partition
};

// Walks a list of ids joined by '|'; empty parts are passed over.
class id_list {
 public:
  explicit id_list(std::string_view text) : rest_(text) {}

  std::optional<std::string_view> next() {
    while (!rest_.empty()) {
      const auto id = rest_.substr(0, rest_.find('|'));
      rest_.remove_prefix(std::min(id.size() + 1, rest_.size()));
      if (!id.empty()) return id;
    }
    return std::nullopt;
  }

 private:
  std::string_view rest_;
};

// Cancels one chunk of siblings after the other.
class chunk {
 public:
  chunk(scan_context& scan, page_gate& gate, const sibling_counters& counters, tally& counts)
      : scan_(scan), gate_(gate), counters_(counters), counts_(counts) {}

  bool full() const noexcept { return siblings_.size() >= std::min(siblings_at_once, gate_.limit()); }
  void add(sibling next) { siblings_.push_back(std::move(next)); }

  task<void> cancel() {
    const auto size = siblings_.size();
    if (size == 0) co_return;
    co_await gate_.enter(size);
    co_await read_and_send();
    gate_.leave(size);
  }

 private:
  task<void> read_and_send() {
    for (const auto& next : siblings_) counters_.dispatched(next.group->reason);
    const auto read_at = scan_.now();
    co_await read();
    // What was read may have changed: the siblings are read again in the next cycle.
    if (!gate_.in_time(scan_.now() - read_at)) drop_calls();
    if (!counts_.cancelled()) co_await send();
    siblings_.clear();
    drop_calls();
  }

  task<void> read() {
    scanhost::batch reads;
    reads.reserve(siblings_.size());
    for (const auto& next : siblings_) reads.add(read_for_cancel(next.tag, next.id).arg("lifecycle_phase"));
    const auto cores = co_await scan_.execute(std::move(reads));
    for (std::size_t i = 0; i < siblings_.size(); ++i) judge_read(siblings_[i], cores[i]);
  }

  // The function would refuse an execution that has ended: that needs no call.
  void judge_read(const sibling& next, const scanhost::outcome& core) {
    if (fails_for_ever(core)) return give_up(next, core);
    if (!core.ok()) return failed(next, "reading its core", core);
    if (core[phase_field].text() == "terminal") {
      counters_.already_terminal();
      return counts_.forget_failures(next.id);
    }
    called_.push_back(&next);
    const auto& group = *next.group;
    auto call = cancel_execution_call(next.tag, next.id, core.reply(), group.reason, group.fired);
    calls_.add(std::move(call.acts(group.found.member, group.fired)));
  }

  task<void> send() {
    const auto answers = co_await scan_.execute(std::exchange(calls_, {}));
    for (std::size_t i = 0; i < called_.size(); ++i) judge_call(*called_[i], answers[i]);
    called_.clear();
  }

  void judge_call(const sibling& next, const scanhost::outcome& call) {
    next.group->acted_on = true;
    if (fails_for_ever(call)) return give_up(next, call);
    if (!call.ok()) return failed(next, "cancelling it", call);
    const function_reply reply(call.reply());
    if (!settles_cancel(reply)) {
      leave(next);
      return counts_.add_failure(next.id, reply.complaint("ff_cancel_execution"));
    }
    counts_.forget_failures(next.id);
    if (reply.accepted()) return counters_.cancelled();
    return reply.refused_with("execution_not_found") ? counters_.not_found() : counters_.already_terminal();
  }

  void give_up(const sibling& next, const scanhost::outcome& outcome) {
    counts_.host().log(scanhost::log_level::warn,
                       joined("sibling '", printable(next.id),
                              "' cannot be cancelled, and its group goes on without it: ", cause(outcome)));
  }

  void failed(const sibling& next, std::string_view what, const scanhost::outcome& outcome) {
    leave(next);
    if (outcome.cancelled()) return counts_.cancel();
    if (outcome.held_back()) return counts_.add_skipped();
    counts_.add_failure(next.id, what, outcome);
  }

  void leave(const sibling& next) {
    next.group->settled = false;
    counts_.note_waiting(next.group->fired);
  }

  void drop_calls() {
    for (const auto* next : called_) leave(*next);
    called_.clear();
    calls_.clear();
  }

  scan_context& scan_;
  page_gate& gate_;
  const sibling_counters& counters_;
  tally& counts_;
  std::vector<sibling> siblings_;
  std::vector<const sibling*> called_;
  scanhost::batch calls_;
};

}  // namespace

sibling_counters::sibling_counters(const scanhost::services& host) {
  const auto dispatched = [&](std::string_view reason) {
    return host.counter("sibling_cancel_dispatched_total", "Cancels of siblings that were tried, by reason.",
                        {{"reason", reason}});
  };
  const auto disposition = [&](std::string_view found) {
    return host.counter("sibling_cancel_disposition_total", "Siblings that were settled, by disposition.",
                        {{"disposition", found}});
  };
  satisfied_ = dispatched(reason_satisfied);
  impossible_ = dispatched(reason_impossible);
  cancelled_ = disposition("cancelled");
  already_terminal_ = disposition("already_terminal");
  not_found_ = disposition("not_found");
}

void sibling_counters::dispatched(std::string_view reason) const {
  (reason == reason_impossible ? impossible_ : satisfied_).record(1);
}

task<void> cancel_siblings(scan_context& scan, std::vector<fired_group>& groups, page_gate& gate,
                           const sibling_counters& counters, tally& counts) {
  chunk next(scan, gate, counters, counts);
  for (auto& group : groups) {
    id_list ids(group.siblings);
    while (const auto id = ids.next()) {
      const auto partition = execution_partition(*id);
      if (!partition) continue;  // it names no execution: there is nothing to cancel
      if (counts.should_skip(*id)) {
        group.settled = false;
        counts.add_skipped();
        counts.note_waiting(group.fired);
        continue;
      }
      next.add({&group, *id, flow_tag(*partition)});
      if (next.full()) co_await next.cancel();
      if (counts.cancelled()) co_return;
    }
  }
  co_await next.cancel();
}

}  // namespace ff
