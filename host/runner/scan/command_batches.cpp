// SPDX-License-Identifier: Apache-2.0
#include "runner/scan/command_batches.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>

#include "base/log.hpp"
#include "runner/instance/abi_reading.hpp"
#include "scanhost/detail/refused_commands.hpp"
#include "scanhost/text.hpp"
#include "store/protocol/states.hpp"

namespace scanhost::runner {

namespace {

// The outcomes of commands that were never sent because their scan was cancelled.
class unsent_batch final : public store::reply_batch {
 public:
  explicit unsent_batch(std::size_t count) {
    constexpr std::string_view message = "the scan was cancelled";
    outcomes_.resize(
        count,
        {sizeof(scanhost_outcome), SCANHOST_OUTCOME_CANCELLED, nullptr, {message.data(), message.size()}});
    raw_ = {sizeof raw_, sizeof(scanhost_outcome), outcomes_.size(), outcomes_.data()};
  }
  const scanhost_replies* raw() const noexcept override { return &raw_; }

 private:
  std::vector<scanhost_outcome> outcomes_;
  scanhost_replies raw_{};
};

// The function that a command calls; empty: it calls none.
std::string_view called_function(const scanhost_command& command) {
  if (command.arg_count < 2 || store::script_of(command) != nullptr) return {};
  const auto& name = command.args[0];
  const bool calls =
      detail::refused::same_word(name, "FCALL") || detail::refused::same_word(name, "FCALL_RO");
  return calls ? view(command.args[1]) : std::string_view();
}

// A reply that is late, or makes no sense, says something about its command; a connection that is lost or
// cannot be made does not.
bool is_of_connection(const scanhost_outcome& outcome) noexcept {
  const auto message = view(outcome.message);
  if (outcome.kind == SCANHOST_OUTCOME_PERMANENT) return message.starts_with("store ");
  return message.find("within the command timeout") == std::string_view::npos;
}

}  // namespace

const char* command_batches::send(const scanhost_command* commands, std::size_t count, std::size_t stride,
                                  pending_batch&& batch) {
  if (const char* flaw = flaw_of(commands, count, stride)) return flaw;
  if (!knows_scripts(commands, count, stride)) return "execute: a command's script is no handle of this host";
  auto& scan = *batch.scan;
  if (!scan.explains) {
    batch.due = note_acting(scan, commands, count, stride);
    note_functions(scan, commands, count, stride);
  }
  const auto slot = keep(std::move(batch));
  ++scan.pending;
  if (scan.cancelled) {
    complete(slot, std::make_unique<unsent_batch>(count));
    return nullptr;
  }
  const auto done = [this, slot](reply_batch_ptr replies) { complete(slot, std::move(replies)); };
  auto* gate = gate_of(scan);
  batches_[slot].ticket = gate == nullptr
                              ? client_.execute(commands, count, stride, scan.route(), done)
                              : gate->execute(commands, count, stride, scan.route(), scan.tag, done);
  return nullptr;
}

bool command_batches::knows_scripts(const scanhost_command* commands, std::size_t count,
                                    std::size_t stride) const {
  for (std::size_t i = 0; i < count; ++i) {
    const auto* script = store::script_of(at_stride(commands, i, stride));
    if (script != nullptr && !scripts_.contains(script)) return false;
  }
  return true;
}

std::size_t command_batches::keep(pending_batch&& batch) {
  if (free_slots_.empty()) {
    free_slots_.push_back(batches_.size());
    batches_.emplace_back();
  }
  const auto slot = free_slots_.back();
  free_slots_.pop_back();
  batches_[slot] = std::move(batch);
  return slot;
}

void command_batches::cancel(const scan_ptr& scan) {
  auto* gate = gate_of(*scan);
  for (const auto& batch : batches_)
    if (batch.scan == scan) gate == nullptr ? client_.cancel(batch.ticket) : gate->cancel(batch.ticket);
}

bool command_batches::is_waiting(const scan_ptr& scan) const {
  const auto* gate = gate_of(*scan);
  return std::ranges::any_of(batches_, [&](const pending_batch& batch) {
    return batch.scan == scan &&
           (gate == nullptr ? client_.is_waiting(batch.ticket) : gate->is_waiting(batch.ticket));
  });
}

bool command_batches::has_waited(const scan_ptr& scan) const {
  return std::ranges::any_of(
      batches_, [&](const pending_batch& batch) { return batch.scan == scan && has_waited(batch); });
}

bool command_batches::has_waited(const pending_batch& batch) const {
  const auto* gate = gate_of(*batch.scan);
  return gate == nullptr ? client_.has_waited(batch.ticket) : gate->has_waited(batch.ticket);
}

// Counts what the commands act on, against the budget and the turns. For an item that the plugin could have
// known of at the partition's scan before, the lateness of its call is measured from when it came due.
std::vector<known_due> command_batches::note_acting(scanhost_scan& scan, const scanhost_command* commands,
                                                    std::size_t count, std::size_t stride) {
  std::vector<known_due> due;
  std::uint64_t acting = 0;
  scanhost_command room;
  for (std::size_t i = 0; i < count; ++i) {
    const auto& command = view_growing(at_stride(commands, i, stride), room);
    if ((command.flags & SCANHOST_COMMAND_ACTS) == 0) continue;
    const auto items = std::max(command.item_count, 1u);
    acting += items;
    if (plan_.settings.dry_run) scan.held_items.add(command);
    // There are no turns in begin_cycle and end_cycle.
    if (!scan.entry) scan.acted.add(view(command.item), items);
    if (scan.previous_scan_ms <= 0 || command.due_ms <= scan.previous_scan_ms) continue;
    due.resize(count);
    due[i] = {command.due_ms, items};
  }
  budget_.add_calls(acting);
  return due;
}

void command_batches::complete(std::size_t slot, reply_batch_ptr replies) {
  const auto batch = std::exchange(batches_[slot], {});
  free_slots_.push_back(slot);
  auto& scan = *batch.scan;
  if (scan.over) return;
  if (client_.has_limits() && has_waited(batch)) scan.progressed = base::steady::now();
  if (!batch.due.empty()) measure(batch, *replies->raw());
  if (!scan.explains) judge(scan, *replies->raw());
  if (batch.answer != nullptr) {
    --scan.pending;
    *batch.answer = std::move(replies);
    return;
  }
  due_callback callback;
  callback.scan = batch.scan;
  callback.on_replies = batch.on_replies;
  callback.user = batch.user;
  callback.batch = std::move(replies);
  callbacks_.add(std::move(callback));
}

void command_batches::note_functions(scanhost_scan& scan, const scanhost_command* commands, std::size_t count,
                                     std::size_t stride) {
  for (std::size_t i = 0; i < count; ++i) {
    const auto function = called_function(at_stride(commands, i, stride));
    if (!function.empty() && !may_count_on(function)) scan.calls_unsure = true;
  }
}

// It needs the function, or uses it where it is, and function_available has not denied it.
bool command_batches::may_count_on(std::string_view function) {
  const auto& plugin = plan_.plugin.description;
  if (std::ranges::count(plugin.functions, function) > 0) return true;
  if (std::ranges::count(plugin.optional_functions, function) == 0) {
    undeclared_ = function;
    return false;
  }
  const auto found = plan_.functions ? plan_.functions->latest() : nullptr;
  return !found || found->functions.contains(function);
}

void command_batches::judge(scanhost_scan& scan, const scanhost_replies& replies) {
  for (std::size_t i = 0; i < replies.outcome_count; ++i) {
    const auto& outcome = at_stride(replies.outcomes, i, replies.outcome_stride);
    if (outcome.kind == SCANHOST_OUTCOME_REPLY)
      ++counts_.answered;
    else
      judge_failure(scan, outcome);
  }
}

// What the store is to blame for says nothing about an item.
void command_batches::judge_failure(scanhost_scan& scan, const scanhost_outcome& outcome) {
  if (outcome.kind == SCANHOST_OUTCOME_HELD_BACK) scan.held_back = true;
  if (outcome.kind == SCANHOST_OUTCOME_REFUSED) return judge_refusal(scan, view(outcome.message));
  const bool of_store = outcome.kind == SCANHOST_OUTCOME_ERROR_REPLY ||
                        outcome.kind == SCANHOST_OUTCOME_TRANSIENT ||
                        outcome.kind == SCANHOST_OUTCOME_PERMANENT;
  if (!of_store) return;
  if (outcome.reply == nullptr) return note_unanswered(scan, outcome);
  const auto message = view(outcome.message);
  ++counts_.failed;
  counts_.last_failure = message.substr(0, store_trouble::max_text);
  const auto found = store::judge(message);
  if (found.fault != store::fault::store) return;
  if (found.state == store::state::functions_missing) return note_missing_function(scan);
  if (found.about_key && items_answer_for_keys_) return;
  scan.store_failed = true;
  record_.add_store_error(found.state, message, scan.tag);
}

// A scanner of which nothing is permitted fails as one without rights does.
void command_batches::judge_refusal(scanhost_scan& scan, std::string_view message) {
  if (!message.starts_with(store::permissions_text)) return;
  scan.violated = true;
  ++counts_.failed;
  counts_.last_failure = message.substr(0, store_trouble::max_text);
}

void command_batches::note_unanswered(scanhost_scan& scan, const scanhost_outcome& outcome) {
  if (items_answer_for_keys_ || !is_of_connection(outcome)) return;
  scan.store_failed = true;
  record_.count_unanswered();
}

// The look that is asked for finds out which functions are missing, and whether the scanner has to wait.
void command_batches::note_missing_function(scanhost_scan& scan) {
  scan.lacked_function = true;
  record_.count_missing_function();
  if (plan_.functions && !scan.calls_unsure) plan_.functions->request_look();
  if (undeclared_.empty() || std::exchange(undeclared_reported_, true)) return;
  base::log(
      base::events::function_undeclared, plan_.settings.name,
      fmt::format(
          "calls the function '{}', which its descriptor does not name, and the server lacks a function; a plugin must name each function that it calls in functions or optional_functions",
          undeclared_));
}

void command_batches::measure(const pending_batch& batch, const scanhost_replies& replies) {
  const auto now = client_.now(batch.scan->route()).time_since_epoch().count();
  const auto count = std::min(replies.outcome_count, batch.due.size());
  for (std::size_t i = 0; i < count; ++i) {
    const auto& due = batch.due[i];
    if (due.due_ms == 0) continue;
    if (at_stride(replies.outcomes, i, replies.outcome_stride).kind != SCANHOST_OUTCOME_REPLY) continue;
    record_.observe_lateness(base::milliseconds(std::max<std::int64_t>(now - due.due_ms, 0)), due.items);
  }
}

}  // namespace scanhost::runner
