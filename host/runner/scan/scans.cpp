// SPDX-License-Identifier: Apache-2.0
#include "runner/scan/scans.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <memory>
#include <utility>

#include "base/log.hpp"
#include "plugin/instance_settings.hpp"
#include "runner/instance/abi_reading.hpp"
#include "scanhost/text.hpp"

namespace scanhost::runner {

namespace {

// After this many starts the event loop goes on: what the first of them asked for is answered meanwhile, and
// the memory that they took is reused by the next.
constexpr unsigned max_starts_in_a_row = 64;

base::milliseconds delay_of(std::uint64_t delay_ms) {
  constexpr std::uint64_t max_delay_ms = 24ull * 3600 * 1000;
  return base::milliseconds(std::min(delay_ms, max_delay_ms));
}

std::unique_ptr<store::command_gate> gate_of(boost::asio::io_context& context, store::client& client,
                                             const plan::scanner_plan& plan, std::uint64_t generation) {
  if (!store::command_gate::is_needed(plan.settings)) return nullptr;
  const auto given = plugin::settings_of(plan.settings);
  store::audit_author author{plan.settings.name, generation, plan.plugin.sha256,
                             plugin::redaction_of(plan.plugin.description, given)};
  return std::make_unique<store::command_gate>(context, client, plan.settings, std::move(author));
}

// Lets through what only reads, within the permissions of the scanner. Nothing is audited, since nothing
// changes.
std::unique_ptr<store::command_gate> read_gate_of(boost::asio::io_context& context, store::client& client,
                                                  const plan::scanner_plan& plan, std::uint64_t generation) {
  auto settings = plan.settings;
  settings.dry_run = false;
  settings.audit = {};
  settings.permissions.read_only = true;
  store::audit_author author{plan.settings.name, generation, plan.plugin.sha256, {}};
  return std::make_unique<store::command_gate>(context, client, settings, std::move(author));
}

}  // namespace

scans::scans(boost::asio::io_context& context, store::client& client, const plan::scanner_plan& plan,
             record& record, plugin_calls& calls, const std::atomic<bool>& abandoned, wake_signal& wake,
             std::uint64_t generation)
    : context_(context),
      client_(client),
      settings_(plan.settings),
      serial_(plan.plugin.description.serial),
      wake_(wake),
      health_(abandoned, wake),
      limit_(plan.settings.concurrency),
      callbacks_(calls, table_, limit_, health_, clock_, wake),
      plan_(plan),
      generation_(generation),
      gate_(gate_of(context, client, plan, generation)),
      batches_(client, gate_.get(), read_gate_, budget_, record, callbacks_, scripts_, plan),
      turns_({plan.settings.drain, std::max(plan.settings.page_size, 1u), plan.settings.budget}, budget_,
             client, limit_, clock_, callbacks_, wake),
      waits_(context, callbacks_),
      blocking_(context, calls, batches_, turns_, clock_),
      time_out_timer_(context) {}

// --- start and end -----------------------------------------------------------------------------------

bool scans::may_start() const {
  if (turns_.halted() || health_.failed() || started_in_a_row_ >= max_starts_in_a_row) return false;
  if (serial_) return table_.empty();
  return limit_.has_room() && client_.has_room(1);
}

bool scans::work_for_cycle() const {
  return std::ranges::any_of(
      table_.unfinished(), [&](const auto& scan) { return !scan->early && client_.answers(scan->route()); });
}

bool scans::set_absent_aside() {
  bool found = false;
  for (const auto& scan : table_.unfinished()) {
    if (client_.answers(scan->route())) continue;
    limit_.set_aside(*scan);
    found = true;
  }
  return found;
}

void scans::start(const swept_family& family, std::uint32_t partition, bool early, std::uint64_t cycle) {
  const auto scan = add(family, partition, early, cycle);
  note_start(*scan);
  const auto now_ms = client_.now(scan->route(), clock_.now()).time_since_epoch().count();
  scan->previous_scan_ms = partitions_.start(partition, family.count(), now_ms);
  count_start();
  call(scan, [&] { return instance_->scan(scan.get(), &scan->lent_partition); });
}

bool scans::start(cycle_entry entry, std::uint64_t cycle) {
  if (!instance_->has(entry)) return false;
  const auto scan = table_.add();
  scan->entry = entry;
  note_start(*scan);
  call(scan, [&] { return instance_->enter(entry, scan.get(), cycle); });
  return true;
}

void scans::note_start(scanhost_scan& scan) {
  clock_.count_call();
  scan.started = scan.progressed = clock_.now();
  limit_.update(scan);
  watch_time_outs();
}

template <class Entry>
void scans::call(const scan_ptr& scan, Entry entry) {
  table_.expect(scan);
  inside_scan_ = scan.get();
  auto thrown = entry();
  inside_scan_ = nullptr;
  if (thrown) health_.fail(std::move(*thrown));
}

scan_ptr scans::add(const swept_family& family, std::uint32_t partition, bool early, std::uint64_t cycle) {
  auto scan = table_.add();
  scan->partition = partition;
  scan->early = early;
  scan->tag = family.tag(partition);
  if (family.is_node()) scan->node_route = family.route(partition);
  scan->lent_partition = {sizeof(scanhost_partition),
                          family.index_of(partition),
                          family.count(),
                          early ? std::uint32_t{SCANHOST_VISIT_EARLY} : 0u,
                          to_c(scan->tag),
                          to_c(family.name()),
                          cycle,
                          to_c(family.member_in(scan->tag))};
  return scan;
}

void scans::count_start() {
  if (++started_in_a_row_ < max_starts_in_a_row) return;
  boost::asio::post(context_, [this] {
    started_in_a_row_ = 0;
    wake_.raise();
  });
}

scanhost_scan* scans::find(scanhost_scan* handle) { return admits_calls() ? table_.find(handle) : nullptr; }

void scans::finish(scanhost_scan* handle, const scanhost_result* result) {
  const scan_ptr scan(find(handle));
  if (!scan) {
    if (admits_calls())
      health_.fail("it broke the contract: it finished a scan that is over, or is not its own");
    return;
  }
  if (scan->pending > 0)
    return health_.fail(
        fmt::format("it broke the contract: it finished {} with callbacks still to come", name_of(*scan)));
  if (scan->explains) return end_explanation(scan, {});
  if (result == nullptr)
    return health_.fail(
        fmt::format("it broke the contract: it finished {} without a result", name_of(*scan)));
  const auto looked_ms =
      scan->first_now_ms > 0 ? scan->first_now_ms : client_.now(scan->route()).time_since_epoch().count();
  const bool store_at_fault =
      scan->store_failed || scan->violated || (scan->lacked_function && !scan->calls_unsure);
  ended_.push_back({scan->entry, scan->partition, scan->early, scan->cancelled, scan->given_up,
                    store_at_fault, looked_ms, read_growing(*result), scan->acted.beyond_allowance()});
  close(scan);
  wake_.raise();
}

void scans::fail(scanhost_scan* handle, std::string_view message) {
  const scan_ptr scan(find(handle));
  if (scan && scan->explains)
    end_explanation(scan, message.empty() ? "it failed without a message" : message);
  else if (scan)
    health_.fail(fmt::format("{} failed: {}", name_of(*scan), message));
  else if (admits_calls())
    health_.fail("it broke the contract: it failed a scan that is over, or is not its own");
}

void scans::close(const scan_ptr& scan) {
  table_.remove(scan);
  limit_.update(*scan);
  scan->lent_replies.clear();
  for (const auto& timer : scan->timers) timer->cancel();
  scan->timers.clear();
  waits_.close(scan);
  if (!scan->entry && !scan->explains) partitions_.end(scan->partition);
}

void scans::drop_all() {
  for (const auto& scan : table_.unfinished()) {
    batches_.cancel(scan);
    close(scan);
    if (instance_) instance_->drop(scan.get(), scan->data);
  }
  callbacks_.clear();
  turns_.clear();
  explanation_.reset();
  explanation_end_.reset();
}

bool scans::step() {
  health_.check_foreign_calls();
  clock_.read();
  const bool granted = turns_.grant();
  return callbacks_.deliver() || granted;
}

// --- explanations ------------------------------------------------------------------------------------

void scans::explain(const swept_family& family, std::uint32_t partition, std::uint64_t cycle,
                    const std::string& item, scanhost_report_finding report, void* reporter) {
  if (!read_gate_) read_gate_ = read_gate_of(context_, client_, plan_, generation_);
  explanation_ = add(family, partition, false, cycle);
  explanation_->explains = true;
  explanation_->explained_item = item;
  note_start(*explanation_);
  const auto scan = explanation_;  // it may end inside of the call
  call(scan, [&] {
    return instance_->explain(scan.get(), &scan->lent_partition, scan->explained_item, report, reporter);
  });
}

// A callback that is still to come finds that its scan is over.
void scans::end_explanation(const scan_ptr& scan, std::string_view problem) {
  explanation_end_ = explanation_end{std::string(problem), scan->cancelled};
  if (problem.empty()) explanation_end_->problem = explain_missing_table();
  batches_.cancel(scan);
  close(scan);
  explanation_.reset();
  wake_.raise();
}

std::string scans::explain_missing_table() {
  if (!read_gate_->take_report().lacks_table) return {};
  read_gate_.reset();  // the next explanation asks again
  return "the server does not let its user send COMMAND, so that the host cannot see what only reads; grant +command";
}

void scans::cancel_explanation() {
  if (explanation_) cancel(explanation_);
}

bool scans::explains(scanhost_scan* handle) {
  const auto* scan = find(handle);
  return scan != nullptr && scan->explains;
}

// --- halting and cancelling --------------------------------------------------------------------------

// Neither a stop nor a pause waits for a limit. What a scan that goes on still has to send is the rest of a
// page.
void scans::halt() {
  turns_.halt();
  if (!client_.has_limits()) return;
  for (const auto& scan : table_.unfinished()) {
    if (!batches_.is_waiting(scan)) continue;
    scan->given_up = true;
    cancel(scan);
  }
  client_.set_limits_enabled(false);
}

void scans::resume() {
  turns_.resume();
  client_.set_limits_enabled(true);
}

void scans::cancel_all() {
  halt();
  for (const auto& scan : table_.unfinished()) cancel(scan);
}

void scans::cancel(const scan_ptr& scan) {
  if (scan->cancelled) return;
  scan->cancelled = true;
  scan->cancelled_at = base::steady::now();
  batches_.cancel(scan);
  for (const auto& timer : scan->timers) timer->cancel();
  waits_.cancel(scan);
  turns_.answer_cancelled();
}

void scans::watch_time_outs() {
  if (time_outs_watched_) return;
  time_outs_watched_ = true;
  time_out_timer_.expires_after(std::min(settings_.scan_timeout, settings_.hang_timeout));
  time_out_timer_.async_wait([this](const auto& problem) {
    time_outs_watched_ = false;
    if (problem || table_.empty()) return;
    check_time_outs();
    if (!table_.empty()) watch_time_outs();
  });
}

void scans::check_time_outs() {
  const time_outs limits{settings_.scan_timeout, settings_.hang_timeout};
  const auto now = base::steady::now();
  for (const auto& scan : table_.unfinished()) {
    const auto overdue = limits.check(*scan, now);
    if (overdue == time_outs::overdue::finish)
      return health_.fail(
          fmt::format("it broke the contract: {} was cancelled and never finished", name_of(*scan)));
    if (overdue == time_outs::overdue::nothing) continue;
    if (batches_.has_waited(scan)) {  // for a limit; the reply is bounded by the command timeout
      scan->progressed = now;
      continue;
    }
    base::log(base::events::scan_timed_out, settings_.name,
              fmt::format("{} made no progress for {} ms (scan_timeout) and is cancelled", name_of(*scan),
                          settings_.scan_timeout.count()));
    cancel(scan);
  }
}

// --- for the services --------------------------------------------------------------------------------

std::int64_t scans::now_ms(scanhost_scan* handle) {
  auto* scan = find(handle);
  if (scan == nullptr) return 0;
  const auto now = client_.now(scan->route()).time_since_epoch().count();
  if (scan->first_now_ms == 0) scan->first_now_ms = now;
  return now;
}

std::int64_t scans::route_now_ms(scanhost_scan* handle, std::string_view route) {
  if (find(handle) == nullptr ||
      client_.clock_age(route, base::steady::now()) == base::steady::duration::max())
    return 0;
  return client_.now(route).time_since_epoch().count();
}

void scans::set_data(scanhost_scan* handle, void* data) {
  if (auto* scan = find(handle)) scan->data = data;
}

const std::string* scans::tag_of(scanhost_scan* handle) {
  const auto* scan = find(handle);
  return scan != nullptr ? &scan->tag : nullptr;
}

bool scans::spares_items(scanhost_scan* handle) {
  const auto* scan = find(handle);
  return scan != nullptr &&
         (scan->lacked_function || scan->store_failed || scan->violated || scan->held_back || scan->given_up);
}

const scanhost_scan* scans::served_scan() const noexcept {
  return callbacks_.delivers_to() != nullptr ? callbacks_.delivers_to() : inside_scan_;
}

bool scans::served_scan_spares_items() const noexcept {
  const auto* scan = served_scan();
  return scan != nullptr && (scan->lacked_function || scan->store_failed || scan->violated || scan->given_up);
}

std::string_view scans::served_tag() const noexcept {
  const auto* scan = served_scan();
  return scan != nullptr ? std::string_view(scan->tag) : std::string_view();
}

std::optional<base::steady_time> scans::served_since() const noexcept {
  const auto* scan = served_scan();
  return scan != nullptr ? std::optional(scan->started) : std::nullopt;
}

bool scans::begins_cycle(scanhost_scan* handle) {
  const auto* scan = find(handle);
  return scan != nullptr && scan->entry == cycle_entry::begin;
}

bool scans::cancelled(scanhost_scan* handle) {
  const auto* scan = find(handle);
  return scan == nullptr || scan->cancelled;
}

const char* scans::execute(scanhost_scan* handle, const scanhost_command* commands, std::size_t count,
                           std::size_t stride, scanhost_on_replies on_replies, void* user) {
  scan_ptr scan(find(handle));
  if (!scan) return "execute: no such scan is under way";
  if (on_replies == nullptr) return "execute: there is no callback";
  pending_batch batch;
  batch.scan = std::move(scan);
  batch.on_replies = on_replies;
  batch.user = user;
  return batches_.send(commands, count, stride, std::move(batch));
}

void scans::release(scanhost_scan* handle, const scanhost_replies* replies) {
  if (replies == nullptr) return;
  auto* scan = find(handle);
  if (scan == nullptr) return;
  auto& lent = scan->lent_replies;
  const auto found =
      std::find_if(lent.begin(), lent.end(), [&](const auto& batch) { return batch->raw() == replies; });
  if (found != lent.end()) lent.erase(found);
}

const char* scans::next_page(scanhost_scan* handle, std::uint32_t pass, std::uint32_t acted,
                             scanhost_on_turn on_turn, void* user) {
  scan_ptr scan(find(handle));
  if (!scan) return "next_page: no such scan is under way";
  if (scan->entry) return "next_page: there are no turns in begin_cycle and end_cycle";
  if (scan->explains) return "next_page: there are no turns in an explanation";
  if (on_turn == nullptr) return "next_page: there is no callback";
  turn_request request;
  request.scan = std::move(scan);
  request.pass = pass;
  request.on_turn = on_turn;
  request.user = user;
  const auto counted = acted_for_turn(*request.scan, acted);
  return turns_.ask(std::move(request), counted) ? nullptr : "next_page: the number of the pass is too large";
}

// In a dry run nothing is acted on. What a real run would have acted on counts instead, each item once: so a
// pass goes on as long as it finds new ones, and one that reads the same page again ends as if it were idle.
std::uint32_t scans::acted_for_turn(scanhost_scan& scan, std::uint32_t acted) const {
  return settings_.dry_run ? scan.held_items.take_new() : acted;
}

const char* scans::after(scanhost_scan* handle, std::uint64_t delay_ms, scanhost_on_time on_time,
                         void* user) {
  const scan_ptr scan(find(handle));
  if (!scan) return "after: no such scan is under way";
  if (on_time == nullptr) return "after: there is no callback";
  const auto delay = scan->cancelled ? base::milliseconds{0} : delay_of(delay_ms);
  const auto timer = std::make_shared<boost::asio::steady_timer>(context_, delay);
  ++scan->pending;
  scan->timers.push_back(timer);
  // Cancelling the timer makes it come early.
  timer->async_wait([this, scan, timer, on_time, user](const auto&) {
    if (scan->over) return;
    std::erase(scan->timers, timer);
    due_callback callback;
    callback.scan = scan;
    callback.on_time = on_time;
    callback.user = user;
    callbacks_.add(std::move(callback));
  });
  return nullptr;
}

// --- waits outside the store

std::uint64_t scans::wake_token(scanhost_scan* handle) {
  const scan_ptr scan(find(handle));
  return scan ? waits_.add_token(scan) : 0;
}

waits::request scans::wait_request(scanhost_scan* handle, std::uint64_t timeout_ms,
                                   scanhost_on_ready on_ready, void* user) {
  return {scan_ptr(find(handle)), delay_of(timeout_ms), on_ready, user};
}

std::string scans::wait_for_wake(scanhost_scan* handle, std::uint64_t token, std::uint64_t timeout_ms,
                                 scanhost_on_ready on_ready, void* user) {
  const auto request = wait_request(handle, timeout_ms, on_ready, user);
  if (!request.scan) return "wait: no such scan is under way";
  if (on_ready == nullptr) return "wait: there is no callback";
  return waits_.wait_for_wake(request, token);
}

std::string scans::wait_for_descriptor(scanhost_scan* handle, int descriptor, std::uint32_t events,
                                       std::uint64_t timeout_ms, scanhost_on_ready on_ready, void* user) {
  const auto request = wait_request(handle, timeout_ms, on_ready, user);
  if (!request.scan) return "when_ready: no such scan is under way";
  if (on_ready == nullptr) return "when_ready: there is no callback";
  return waits_.wait_for_descriptor(request, descriptor, events);
}

// A serial plugin may wait only inside its `scan`, `begin_cycle` and `end_cycle` entries.
scanhost_scan* scans::find_blocking(scanhost_scan* handle) {
  auto* scan = find(handle);
  return scan != nullptr && serial_ && inside_scan_ == handle ? scan : nullptr;
}

const scanhost_replies* scans::execute_and_wait(scanhost_scan* handle, const scanhost_command* commands,
                                                std::size_t count, std::size_t stride, const char*& refusal) {
  const scan_ptr scan(find_blocking(handle));
  if (scan) return blocking_.execute(scan, commands, count, stride, refusal);
  refusal = "execute: the blocking form is for serial plugins, inside their scan, begin_cycle or end_cycle";
  return nullptr;
}

std::uint32_t scans::wait_for_page(scanhost_scan* handle, std::uint32_t pass, std::uint32_t acted) {
  const scan_ptr scan(find_blocking(handle));
  return scan && !scan->entry && !scan->explains
             ? blocking_.next_page(scan, pass, acted_for_turn(*scan, acted))
             : 0;
}

void scans::pause(scanhost_scan* handle, std::uint64_t delay_ms) {
  if (const scan_ptr scan(find_blocking(handle)); scan) blocking_.pause(scan, delay_of(delay_ms));
}

}  // namespace scanhost::runner
