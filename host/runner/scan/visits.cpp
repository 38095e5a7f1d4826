// SPDX-License-Identifier: Apache-2.0
//
// The scans that are under way: their start, their end, time-outs.
#include "runner/scan/visits.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <charconv>
#include <utility>

#include "base/log.hpp"
#include "runner/instance/abi_reading.hpp"
#include "scanhost/text.hpp"

namespace scanhost::runner {

namespace {

// So many scans are started before the event loop goes on: what the first of them asked for is answered
// meanwhile, and the memory that they took is taken again by the next.
constexpr unsigned max_in_a_row = 64;

// A reading of the clock serves so many calls of the plugin: what is measured with it is coarse.
constexpr unsigned calls_a_moment = 8;

}  // namespace

std::string name_of(const scanhost_scan& scan) {
  return "partition " + std::to_string(scan.partition) + (scan.tag.empty() ? "" : " " + scan.tag);
}

std::string swept_family::tag(std::uint32_t partition) const {
  const auto star = tag_pattern.find('*');
  if (star == std::string::npos) return tag_pattern;
  std::array<char, 10> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), partition).ptr;
  std::string text(tag_pattern, 0, star);
  text.append(digits.data(), end);
  return text.append(tag_pattern, star + 1);
}

visits::visits(boost::asio::io_context& context, store::client& client, const plan::scanner_plan& plan,
               record& record, plugin_calls& calls, const std::atomic<bool>& abandoned, listener callbacks)
    : context_(context),
      client_(client),
      settings_(plan.settings),
      description_(plan.plugin.description),
      record_(record),
      calls_(calls),
      abandoned_(abandoned),
      listener_(std::move(callbacks)),
      thread_(std::this_thread::get_id()),
      rules_{plan.settings.drain, std::max(plan.settings.page_size, 1u), plan.settings.budget},
      time_out_timer_(context) {}

visits::~visits() { drop_all(); }

// --- start and end -----------------------------------------------------------------------------------

bool visits::may_start() const {
  if (halted_ || !broken_.empty() || started_in_a_row_ >= max_in_a_row) return false;
  if (description_.serial) return scans_.empty();
  if (settings_.concurrency > 0 && working_ >= settings_.concurrency) return false;
  return client_.has_room(1);
}

bool visits::visiting(std::uint32_t partition) const {
  return partition < being_visited_.size() && being_visited_[partition];
}

void visits::start(const swept_family& family, std::uint32_t partition, bool early, std::uint64_t cycle) {
  const auto scan = scans_.add();
  scan->partition = partition;
  scan->early = early;
  scan->tag = family.tag(partition);
  scan->face = {sizeof(scanhost_partition),
                partition,
                family.count,
                early ? std::uint32_t{SCANHOST_VISIT_EARLY} : 0u,
                to_c(scan->tag),
                to_c(family.name),
                cycle};
  calls_for(scan);
  scan->started = scan->progressed = moment_;
  if (partition >= last_visit_ms_.size()) {
    last_visit_ms_.resize(std::max(family.count, partition + 1));
    being_visited_.resize(last_visit_ms_.size());
  }
  being_visited_[partition] = true;
  scan->previous_visit_ms =
      std::exchange(last_visit_ms_[partition], client_.now(scan->tag, moment_).time_since_epoch().count());
  mark_working(*scan);
  watch_time_outs();
  count_start();
  inside_scan_ = scan.get();
  auto thrown = instance_->scan(scan.get(), &scan->face);
  inside_scan_ = nullptr;
  if (thrown) break_off(std::move(*thrown));
}

void visits::count_start() {
  if (++started_in_a_row_ < max_in_a_row) return;
  boost::asio::post(context_, [this] {
    started_in_a_row_ = 0;
    listener_.wake();
  });
}

scan_ptr visits::find(scanhost_scan* scan) {
  if (!admits_calls()) return nullptr;
  if (current_.get() == scan && !current_->over) return current_;
  return scans_.find(scan);
}

// Most of what the plugin asks for in a call is about the scan that it is called for.
void visits::calls_for(const scan_ptr& scan) {
  current_ = scan;
  if (calls_since_moment_++ % calls_a_moment == 0) moment_ = base::steady::now();
}

void visits::look_at_clock() {
  moment_ = base::steady::now();
  calls_since_moment_ = 1;
}

bool visits::admits_calls() noexcept {
  if (std::this_thread::get_id() != thread_) {
    foreign_thread_ = true;
    return false;
  }
  return !abandoned_;
}

// A scan that only waits for its turn makes room for others.
void visits::mark_working(scanhost_scan& scan) {
  const bool waits = scan.turns_awaited > 0 && scan.pending == scan.turns_awaited;
  const bool works = !scan.over && !waits;
  if (works == scan.working) return;
  scan.working = works;
  works ? ++working_ : --working_;
}

void visits::finish(scanhost_scan* handle, const scanhost_result* result) {
  const auto scan = find(handle);
  if (!scan) {
    if (admits_calls())
      break_off("it broke the contract: it finished a scan that is over, or none of its own");
    return;
  }
  if (scan->pending > 0)
    return break_off("it broke the contract: it finished the scan of " + name_of(*scan) +
                     " with callbacks still to come");
  if (result == nullptr)
    return break_off("it broke the contract: it finished the scan of " + name_of(*scan) +
                     " without a result");
  const visit_end end{scan->partition, scan->early, scan->cancelled, scan->looked_ms, read_growing(*result)};
  close(scan);
  listener_.ended(end);
}

void visits::fail(scanhost_scan* handle, std::string_view message) {
  const auto scan = find(handle);
  if (!scan) {
    if (admits_calls()) break_off("it broke the contract: it failed a scan that is over, or none of its own");
    return;
  }
  break_off("the scan of " + name_of(*scan) + " failed: " + std::string(message));
}

void visits::close(const scan_ptr& scan) {
  scans_.remove(scan);
  mark_working(*scan);
  scan->held.clear();
  for (const auto& timer : scan->timers) timer->cancel();
  scan->timers.clear();
  being_visited_[scan->partition] = false;
}

void visits::drop_all() {
  for (const auto& scan : scans_.unfinished()) {
    cancel_batches(scan);
    close(scan);
  }
  ready_.clear();
  queue_.clear();
  clock_waiters_.clear();
}

void visits::break_off(std::string reason) {
  if (broken_.empty()) broken_ = std::move(reason);
  listener_.wake();
}

std::string visits::take_broken() { return std::exchange(broken_, {}); }

// --- what the plugin is told -------------------------------------------------------------------------

bool visits::step() {
  if (foreign_thread_.exchange(false))
    break_off("it broke the contract: it called the host from a thread of its own");
  look_at_clock();
  bool did = grant_turns();
  while (!ready_.empty() && broken_.empty() && !abandoned_) {
    auto call = std::move(ready_.front());
    ready_.pop_front();
    deliver(std::move(call));
    did = true;
  }
  return did;
}

void visits::deliver(ready_call call) {
  auto& scan = *call.scan;
  if (scan.over) return;
  --scan.pending;
  if (call.on_turn) --scan.turns_awaited;
  mark_working(scan);
  const scanhost_replies* replies = nullptr;
  if (call.batch) {
    replies = call.batch->raw();
    scan.held.push_back(std::move(call.batch));
  }
  calls_for(call.scan);
  auto thrown = calls_.run("callback", [&] {
    if (call.on_replies) call.on_replies(call.user, replies);
    if (call.on_turn) call.on_turn(call.user, call.allowance);
    if (call.on_time) call.on_time(call.user);
  });
  if (thrown) break_off("a callback of the scan of " + name_of(scan) + ": " + *thrown);
}

}  // namespace scanhost::runner
