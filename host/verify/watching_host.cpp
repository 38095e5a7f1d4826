// SPDX-License-Identifier: Apache-2.0
//
// What waits, what is lent, and what each scan may do. The functions of the tables: watching_services.cpp.
#include "verify/watching_host.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "scanhost/testing/fake_store.hpp"
#include "scanhost/testing/lent.hpp"
#include "verify/store_models.hpp"
#include "verify/watching_services.hpp"

namespace scanhost::verify {
namespace {

constexpr std::size_t max_arguments = 100'000;
constexpr std::size_t max_answers = 20'000;  // of one trial; no honest scan needs as many here
constexpr std::size_t max_answers_after_cancel = 2'000;

}  // namespace

watching_host::watching_host(const config::description& plugin, behaviour how, reply_memory& memory,
                             witness& tells)
    : plugin_(plugin),
      how_(std::move(how)),
      memory_(memory),
      tells_(tells),
      settings_(plugin::make_probe_host(plugin)),
      thread_(::gettid()) {
  make_tables();
}

watching_host::~watching_host() { drop_all(); }

void watching_host::make_tables() { block_ = std::make_unique<block>(this, *settings_, how_.beyond); }

const scanhost_host* watching_host::table() const noexcept { return &block_->table; }

std::uint32_t watching_host::partitions() const noexcept {
  const auto* settings = settings_->table();
  const auto& family = plugin_.families.front().name;
  return settings->partition_count(settings, {family.data(), family.size()});
}

open_scan& watching_host::open(std::uint32_t index, std::uint32_t flags, std::uint64_t cycle) {
  const auto& family = plugin_.families.front();
  auto tag = family.tag_pattern;
  if (const auto star = tag.find('*'); star != std::string::npos) tag.replace(star, 1, std::to_string(index));
  auto& scan = *scans_.emplace_back(std::make_unique<open_scan>());
  scan.where = {index, partitions(), flags, tag, family.name, cycle};
  scan.lent = lend(memory_, scan.where, how_.beyond);
  return scan;
}

void watching_host::cancel_all() {
  answers_at_cancel_ = std::min(answers_at_cancel_, answers_);
  for (const auto& scan : scans_) scan->cancelled = true;
  for (auto& queued : events_) queued.due_ms = 0;
}

void watching_host::release(open_scan& scan) {
  for (const auto& batch : scan.batches) memory_.give_back(batch.piece);
  scan.batches.clear();
}

void watching_host::end(open_scan& scan) {
  if (scan.over) return;
  scan.over = true;
  release(scan);
  memory_.give_back(scan.lent.piece);
  std::erase_if(events_, [&](const event& queued) { return queued.scan == &scan; });
}

void watching_host::drop_all() {
  for (const auto& scan : scans_) end(*scan);
}

void watching_host::forget_finished() {
  std::erase_if(scans_, [](const auto& scan) { return scan->over; });
  answers_ = 0;
}

// Those of one scan stay in order; timers come when nothing else is there.
std::size_t watching_host::next_event() {
  const auto first_timer = std::min_element(
      events_.begin(), events_.end(), [](const event& a, const event& b) { return a.due_ms < b.due_ms; });
  if (first_timer->due_ms > 0) return static_cast<std::size_t>(first_timer - events_.begin());
  auto at = static_cast<std::size_t>(chance_() % events_.size());
  while (events_[at].due_ms > 0) at = (at + 1) % events_.size();
  for (std::size_t i = 0; i < at; ++i)
    if (events_[i].scan == events_[at].scan && events_[i].due_ms == 0) return i;
  return at;
}

bool watching_host::deliver() {
  if (events_.empty()) return false;
  const auto at = next_event();
  const auto next = std::move(events_[at]);
  events_.erase(events_.begin() + static_cast<decltype(events_)::difference_type>(at));
  now_ms_ = std::max(now_ms_ + 1, next.due_ms);
  --next.scan->pending;
  tells_.step("in a callback of the scan of " +
              (next.scan->where.tag.empty() ? next.scan->where.family : next.scan->where.tag));
  const auto before = std::exchange(phase_, phase::scan);
  next.call();
  phase_ = before;
  return true;
}

void watching_host::wait(open_scan& scan, std::int64_t due_ms, std::function<void()> call) {
  ++scan.pending;
  events_.push_back({&scan, due_ms, std::move(call)});
}

// One that goes on for ever may be inside a call that never returns (the blocking forms): here is where it
// ends.
void watching_host::count_answer() {
  if (++answers_ == how_.cancel_after) cancel_all();
  if (answers_at_cancel_ != never && answers_ > answers_at_cancel_ + max_answers_after_cancel) {
    tells_.found(fault::ignores_cancel, "a cancelled scan goes on asking instead of finishing");
    tells_.end();
  }
  if (answers_ <= max_answers) return;
  tells_.found(fault::endless, "a scan goes on asking after " + std::to_string(max_answers) + " answers");
  tells_.end();
}

bool watching_host::here(const char* service) {
  if (::gettid() == thread_) return true;
  tells_.found(fault::wrong_thread, std::string("it calls ") + service + " on a thread of its own");
  return false;
}

open_scan* watching_host::in_scan(scanhost_scan* scan, const char* service) {
  if (!here(service)) return nullptr;
  const auto known = std::find_if(scans_.begin(), scans_.end(),
                                  [&](const auto& candidate) { return candidate->handle() == scan; });
  if (known == scans_.end() || phase_ != phase::scan) {
    tells_.found(fault::wrong_phase, std::string("it calls ") + service + " outside of a scan");
    return nullptr;
  }
  if (!(*known)->over) return known->get();
  tells_.found(fault::finished_twice, std::string("it calls ") + service + " for a scan that is finished");
  return nullptr;
}

bool watching_host::take(open_scan& scan, const scanhost_command* commands, std::size_t count,
                         std::size_t stride, std::vector<testing::call>& calls) {
  if (commands == nullptr || count == 0 || stride < sizeof(scanhost_command::struct_size)) {
    tells_.found(fault::bad_call, "it calls execute without commands, or without their stride");
    return false;
  }
  const auto* at = reinterpret_cast<const std::byte*>(commands);
  for (std::size_t i = 0; i < count; ++i, at += stride)
    if (!take_one(scan, at, calls)) return false;
  return true;
}

bool watching_host::take_one(open_scan& scan, const std::byte* at, std::vector<testing::call>& calls) {
  const auto raw = testing::read_growing<scanhost_command>(at);
  if (raw.struct_size < offsetof(scanhost_command, route) || raw.args == nullptr || raw.arg_count == 0 ||
      raw.arg_count > max_arguments || raw.args[0].size == 0) {
    tells_.found(fault::bad_call, "it sends a command without struct_size or without arguments");
    return false;
  }
  testing::call call;
  for (std::size_t i = 0; i < raw.arg_count; ++i) call.args.emplace_back(view(raw.args[i]));
  call.route = std::string(view(raw.route));
  call.item = std::string(view(raw.item));
  call.due_ms = raw.due_ms;
  call.flags = raw.flags;
  call.tag = scan.where.tag;
  ++scan.calls;
  if (!knows(call)) ++scan.unknown;
  if (const auto why = testing::refusal_of(call.args)) tells_.found(fault::refused_command, *why);
  calls.push_back(std::move(call));
  return true;
}

testing::answer watching_host::answer(open_scan& scan, const testing::call& asked) {
  auto reply = scan.cancelled ? testing::cancelled() : how_.answers(asked);
  if (reply.kind != SCANHOST_OUTCOME_REPLY && reply.kind != SCANHOST_OUTCOME_HELD_BACK) ++scan.failed;
  return reply;
}

const scanhost_replies* watching_host::lend_answers(open_scan& scan,
                                                    const std::vector<testing::call>& asked) {
  std::vector<testing::answer> answers;
  for (const auto& call : asked) answers.push_back(answer(scan, call));
  return scan.batches.emplace_back(lend(memory_, answers, how_.beyond)).replies;
}

void watching_host::watch_turns(const open_scan& scan, std::uint32_t pass, std::uint32_t acted) {
  const auto known = scan.passes.find(pass);
  const auto allowed = known == scan.passes.end() ? 0 : known->second.allowance;
  // What acting commands there were says nothing: one candidate may need several of them.
  if (how_.plausible && acted > allowed)
    tells_.found(fault::acts_beyond_turn, "it says that it acted on " + std::to_string(acted) +
                                              " candidates where its turn allowed " +
                                              std::to_string(allowed));
  if (known == scan.passes.end() || !known->second.refused || scan.cancelled) return;
  tells_.found(fault::asks_after_refusal,
               "it asks for another page of pass " + std::to_string(pass) + " after its turn was refused");
}

std::uint32_t watching_host::allowance(open_scan& scan, std::uint32_t pass) {
  auto& pass_state = scan.passes[pass];
  pass_state.allowance = scan.cancelled ? 0 : how_.turns(pass_state.pages++);
  pass_state.refused = pass_state.allowance == 0;
  return pass_state.allowance;
}

}  // namespace scanhost::verify
