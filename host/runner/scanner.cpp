// SPDX-License-Identifier: Apache-2.0
#include "runner/scanner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <utility>

#include "base/log.hpp"
#include "runner/generation/generation.hpp"
#include "runner/record/record.hpp"

namespace scanhost::runner {

namespace {

constexpr base::milliseconds destructor_grace{1000};

// A plugin that hangs again and again must not fill the process with threads.
constexpr std::size_t max_abandoned = 3;

// For the log line at the start.
std::string partitions_of(const plan::scanner_plan& plan) {
  const auto& families = plan.plugin.description.families;
  if (families.empty()) return "1";
  return families.front().listed() ? "listed" : std::to_string(plan::partition_count(plan, families.front()));
}

std::string end_of_pause(const pause_details& details) {
  std::string text = "resumed";
  if (!details.by.empty()) text += " by " + details.by;
  if (!details.reason.empty()) text += ": " + details.reason;
  return text;
}

}  // namespace

// Hands over the reports of run_cycles() once: from the thread, or from the tick that finds it hanging,
// whichever comes first.
class scanner::single_receiver {
 public:
  explicit single_receiver(on_reports receive) : receive_(std::move(receive)) {}
  void give(base::result<reports> result) {
    if (!given_.exchange(true) && receive_) receive_(std::move(result));
  }

 private:
  on_reports receive_;
  std::atomic<bool> given_{false};
};

scanner::scanner(plan::scanner_plan plan, plugin::loader& loader, metrics::registry& registry)
    : name_(plan.settings.name),
      loader_(loader),
      registry_(registry),
      record_(std::make_shared<record>(plan, registry)),
      plan_(std::make_shared<const plan::scanner_plan>(std::move(plan))) {}

scanner::~scanner() {
  request_stop();
  join(base::steady::now(), destructor_grace);
}

std::shared_ptr<const plan::scanner_plan> scanner::plan() const {
  const std::lock_guard lock(mutex_);
  return plan_;
}

scanner_status scanner::status() const { return record_->status(); }

void scanner::recall(std::vector<generation_change> history) { record_->recall(std::move(history)); }

void scanner::add_refusal(const std::string& sha256, std::string reason) {
  record_->add_refusal(sha256, std::move(reason));
}

void scanner::set_blocked(const std::string& reason) { record_->set_blocked(reason); }

// Under the old level or the new one, whichever writes more.
void scanner::set_log_level(std::optional<base::severity> level) {
  const auto line = fmt::format("log level by hand: {}", level ? base::to_text(*level) : "as configured");
  const bool visible = base::logs(base::severity::info, name_);
  if (visible) base::log(base::events::log_level_changed, name_, line);
  record_->set_log_level(level);
  if (!visible) base::log(base::events::log_level_changed, name_, line);
}

void scanner::adjust(plan::scanner_plan plan, const std::string& reason) {
  const std::lock_guard lock(mutex_);
  base::log(base::events::scanner_adjusted, name_, "adjusted: " + reason);
  plan_ = std::make_shared<const plan::scanner_plan>(std::move(plan));
  record_->configure_log_level(plan_->settings.log_level);
}

void scanner::end_metrics() { record_->series().end_all(); }

void scanner::set_probation(bool on_probation) { record_->set_probation(on_probation); }

// --- start -------------------------------------------------------------------------------------------

void scanner::start(base::milliseconds first_delay, std::string outcome, std::string reason) {
  run({std::nullopt, first_delay}, {}, std::move(outcome), std::move(reason));
}

void scanner::run_cycles(std::uint64_t cycles, on_reports on_done) {
  run({cycles, base::milliseconds{0}}, std::move(on_done), "started", {});
}

void scanner::run(run_mode mode, on_reports on_done, std::string outcome, std::string reason) {
  const std::lock_guard lock(mutex_);
  receiver_ = std::make_shared<single_receiver>(std::move(on_done));
  mode_ = mode;
  base::log(base::events::scanner_started, name_,
            fmt::format("start: plugin={} version={} interval_ms={} partitions={}", plan_->settings.plugin,
                        plan_->plugin.description.version, plan_->settings.interval.count(),
                        partitions_of(*plan_)));
  start_generation(mode.first_delay, std::move(outcome), std::move(reason));
}

void scanner::start_generation(base::milliseconds first_delay, std::string outcome, std::string reason) {
  auto mode = mode_;
  mode.first_delay = first_delay;
  const auto number = record_->reserve_generation();
  record_->begin_generation(number, *plan_, std::move(outcome), std::move(reason));
  current_ = std::make_shared<generation>(number, plan_, loader_, registry_, record_, false);
  current_->start(
      mode, [receiver = receiver_](base::result<reports> result) { receiver->give(std::move(result)); });
}

// --- while it runs -----------------------------------------------------------------------------------

void scanner::tick(base::steady_time now) {
  const std::lock_guard lock(mutex_);
  record_cpu_time();
  join_abandoned();
  if (current_ && !replacing_ && current_->hangs(now)) abandon_current();
  if (current_) {
    current_->publish();
  } else if (may_restart()) {
    start_generation(base::milliseconds{0}, "restarted", std::exchange(hang_reason_, {}));
  }
}

// A build that hangs on probation is not started a second time: whoever judges it rolls it back, or ends the
// probation.
bool scanner::may_restart() const {
  return !hang_reason_.empty() && !replacing_ && !stopping_ && !mode_.cycles &&
         abandoned_.size() < max_abandoned && !record_->on_probation();
}

// A generation that is stuck costs, too.
void scanner::record_cpu_time() {
  if (current_) current_->record_cpu_time();
  for (const auto& stuck : abandoned_) stuck->record_cpu_time();
}

void scanner::set_paused(bool paused, const pause_details& details) {
  const std::lock_guard lock(mutex_);
  const bool changed = record_->paused() != paused;
  if (!changed && !paused) return;
  record_->set_paused(paused, details);
  if (paused)
    base::log(base::events::scanner_paused, name_, to_text(details));
  else
    base::log(base::events::scanner_resumed, name_, end_of_pause(details));
  if (changed && current_) current_->apply_pause();
}

bool scanner::paused() const { return record_->paused(); }

void scanner::end_series() { record_->end_series_with_scanner(); }

void scanner::apply_functions() {
  const std::lock_guard lock(mutex_);
  if (current_) current_->apply_functions();
}

void scanner::run_now() {
  const std::lock_guard lock(mutex_);
  if (current_) current_->run_now();
}

failure_list scanner::failures(std::size_t max_items) const { return record_->failures(max_items); }

failure_list scanner::failures_of(std::string_view item) const { return record_->failures_of(item); }

void scanner::explain(item_question question) {
  std::unique_lock lock(mutex_);
  item_explanation answer;
  if (replacing_)
    answer.problem = "its plugin is being replaced by another build; ask again";
  else if (current_)
    return current_->explain(std::move(question));
  else
    answer.problem = hang_reason_.empty() ? "its plugin does not run" : "its plugin is stuck " + hang_reason_;
  lock.unlock();
  question.on_explained(std::move(answer));
}

retried_items scanner::retry(std::optional<std::string_view> item) {
  const auto found = record_->retry(item);
  base::log(base::events::items_retried, name_,
            fmt::format("retry: {} of {} items were in back-off", found.released, found.failing));
  if (found.failing > 0) run_now();
  return found;
}

// --- generations that hang ---------------------------------------------------------------------------

void scanner::abandon_current() {
  hang_reason_ = fmt::format("inside one call of the plugin for longer than hang_timeout ({} ms)",
                             plan_->settings.hang_timeout.count());
  const auto number = current_->number();
  base::log(base::events::plugin_stuck, name_, fmt::format("stuck: generation={} {}", number, hang_reason_),
            {{"error", hang_reason_}});
  abandon(std::exchange(current_, nullptr));
  record_->set_stuck(number, abandoned_.size(), hang_reason_);
  if (mode_.cycles)
    receiver_->give(
        base::fail(base::errc::timed_out, fmt::format("scanner {} is stuck {}", name_, hang_reason_)));
}

void scanner::abandon(std::shared_ptr<generation> stuck, const std::string& why) {
  const std::lock_guard lock(mutex_);
  base::log(base::events::generation_abandoned, name_,
            fmt::format("abandoned: generation={} {}", stuck->number(), why), {{"error", why}});
  abandon(std::move(stuck));
}

void scanner::abandon(std::shared_ptr<generation> stuck) {
  stuck->abandon();
  abandoned_.push_back(std::move(stuck));
  record_->set_abandoned(abandoned_.size());
}

// Joins those that woke up and ended. Their code stays mapped: they may have left something else running.
void scanner::join_abandoned() {
  std::erase_if(abandoned_, [](const auto& generation) {
    if (!generation->ended()) return false;
    generation->join(true);
    return true;
  });
  record_->set_abandoned(abandoned_.size());
}

// --- the end -----------------------------------------------------------------------------------------

void scanner::request_stop() {
  const std::lock_guard lock(mutex_);
  stopping_ = true;
  if (current_) current_->request_stop();
}

stop_outcome scanner::join(base::steady_time deadline, base::milliseconds grace) {
  wait_for_current(deadline, grace);
  const std::lock_guard lock(mutex_);
  if (const auto last = std::exchange(current_, nullptr)) {
    if (last->ended()) {
      last->join(false);
      base::log(base::events::scanner_stopped, name_, "stop");
    } else {
      abandon(last);
    }
  }
  join_abandoned();
  return abandoned_.empty() ? stop_outcome::stopped : stop_outcome::stuck;
}

// Waits without the lock: the control thread calls tick() every second, and must not wait for scans that
// drain.
void scanner::wait_for_current(base::steady_time deadline, base::milliseconds grace) {
  std::unique_lock lock(mutex_);
  stopping_ = true;
  const auto last = current_;
  lock.unlock();
  if (!last || last->wait_until(deadline)) return;
  base::log(base::events::stop_delayed, name_, "did not stop in time; what is under way is cancelled");
  last->cancel();
  last->wait_until(base::steady::now() + grace);
}

// --- for a replacement -------------------------------------------------------------------------------

bool scanner::stopping() const {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

std::shared_ptr<generation> scanner::start_beside(std::shared_ptr<const plan::scanner_plan> plan) {
  auto next = std::make_shared<generation>(record_->reserve_generation(), std::move(plan), loader_, registry_,
                                           record_, true);
  next->start({}, {});
  return next;
}

std::shared_ptr<generation> scanner::begin_replacement() {
  const std::lock_guard lock(mutex_);
  replacing_ = true;
  return current_;
}

bool scanner::replace(const std::shared_ptr<generation>& old, std::shared_ptr<generation> next,
                      std::shared_ptr<const plan::scanner_plan> plan, std::string outcome,
                      std::string reason) {
  const std::lock_guard lock(mutex_);
  replacing_ = false;
  if (stopping_) return false;
  if (old && !old->ended()) abandon(old);
  base::log(base::events::generation_began, name_,
            fmt::format("{}: generation={} version={} sha256={}{}", outcome, next->number(),
                        plan->plugin.description.version, plan->plugin.sha256.substr(0, 12),
                        reason.empty() ? "" : fmt::format(" reason=\"{}\"", reason)));
  record_->begin_generation(next->number(), *plan, std::move(outcome), std::move(reason));
  plan_ = std::move(plan);
  current_ = std::move(next);
  hang_reason_.clear();
  return true;
}

void scanner::count_pinned() { record_->count_pinned(); }

}  // namespace scanhost::runner
