// SPDX-License-Identifier: Apache-2.0
//
// One configured scanner: its record, the generation that runs, and those that were left behind.
#include "runner/scanner.hpp"

#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "runner/scanner_impl.hpp"

namespace scanhost::runner {

namespace {

constexpr base::milliseconds destructor_grace{1000};

// A plugin that hangs again and again must not fill the process with threads.
constexpr std::size_t max_left_behind = 3;

std::uint32_t partitions_of(const plan::scanner_plan& plan) {
  const auto& families = plan.plugin.description.families;
  if (families.empty()) return 1;
  const auto found = plan.partition_counts.find(families.front().name);
  return found == plan.partition_counts.end() ? std::max(families.front().default_count, 1u) : found->second;
}

}  // namespace

scanner::impl::impl(plan::scanner_plan plan, plugin::loader& loader, metrics::registry& registry)
    : name_(plan.settings.name),
      loader_(loader),
      registry_(registry),
      record_(std::make_shared<runner::record>(plan, registry)),
      plan_(std::make_shared<const plan::scanner_plan>(std::move(plan))) {}

std::shared_ptr<const plan::scanner_plan> scanner::impl::plan() const {
  const std::lock_guard lock(mutex_);
  return plan_;
}

void scanner::impl::run(run_mode mode, outcome_once::receiver on_done) {
  const std::lock_guard lock(mutex_);
  outcome_ = std::make_shared<outcome_once>(std::move(on_done));
  mode_ = mode;
  base::log(base::severity::info, name_,
            "start: plugin=" + plan_->settings.plugin + " version=" + plan_->plugin.description.version +
                " interval_ms=" + std::to_string(plan_->settings.interval.count()) +
                " partitions=" + std::to_string(partitions_of(*plan_)));
  start_generation(mode.first_delay, "started", {});
}

void scanner::impl::request_stop() {
  const std::lock_guard lock(mutex_);
  stopping_ = true;
  if (current_) current_->request_stop();
}

stop_outcome scanner::impl::join(base::steady_time deadline, base::milliseconds grace) {
  wait_for_last(deadline, grace);
  const std::lock_guard lock(mutex_);
  if (current_) {
    if (current_->ended()) {
      current_->join(false);
      base::log(base::severity::info, name_, "stop");
    } else {
      put_behind(current_);
    }
    current_.reset();
  }
  reap();
  return left_behind_.empty() ? stop_outcome::stopped : stop_outcome::stuck;
}

// Without the lock: the control thread looks in every second, and must not wait for scans that drain.
void scanner::impl::wait_for_last(base::steady_time deadline, base::milliseconds grace) {
  std::unique_lock lock(mutex_);
  stopping_ = true;
  const auto last = current_;
  lock.unlock();
  if (!last || last->wait_until(deadline)) return;
  base::log(base::severity::warn, name_, "has not stopped in time; what is under way is cancelled");
  last->cancel();
  last->wait_until(base::steady::now() + grace);
}

bool scanner::impl::stopping() const {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

void scanner::impl::tick(base::steady_time now) {
  const std::lock_guard lock(mutex_);
  reap();
  if (current_ && !retiring_ && current_->hangs(now)) leave_behind();
  if (current_) {
    current_->publish();
  } else if (!hung_.empty() && !retiring_ && !stopping_ && !mode_.cycles &&
             left_behind_.size() < max_left_behind) {
    start_generation(base::milliseconds{0}, "restarted", std::exchange(hung_, {}));
  }
}

void scanner::impl::pause(bool paused) {
  const std::lock_guard lock(mutex_);
  if (record_->paused() == paused) return;
  record_->pause(paused);
  base::log(base::severity::info, name_, paused ? "paused" : "resumed");
  if (current_) current_->pause_asked();
}

void scanner::impl::run_now() {
  const std::lock_guard lock(mutex_);
  if (current_) current_->run_now();
}

std::shared_ptr<generation> scanner::impl::make_beside(std::shared_ptr<const plan::scanner_plan> plan) {
  const auto number = record_->reserve_generation();
  auto successor = std::make_shared<generation>(number, std::move(plan), loader_, registry_, record_, true);
  successor->start({}, {});
  return successor;
}

std::shared_ptr<generation> scanner::impl::retire() {
  const std::lock_guard lock(mutex_);
  retiring_ = true;
  return current_;
}

bool scanner::impl::succeed(const std::shared_ptr<generation>& old, std::shared_ptr<generation> next,
                            std::shared_ptr<const plan::scanner_plan> plan, std::string outcome,
                            std::string reason) {
  const std::lock_guard lock(mutex_);
  retiring_ = false;
  if (stopping_) return false;
  if (old && !old->ended()) put_behind(old);
  base::log(base::severity::info, name_,
            outcome + ": generation=" + std::to_string(next->number()) + " version=" +
                plan->plugin.description.version + " sha256=" + plan->plugin.sha256.substr(0, 12) +
                (reason.empty() ? "" : " reason=\"" + reason + "\""));
  record_->takes_over(next->number(), *plan, std::move(outcome), std::move(reason));
  plan_ = std::move(plan);
  current_ = std::move(next);
  hung_.clear();
  return true;
}

void scanner::impl::keep_behind(std::shared_ptr<generation> generation, const std::string& why) {
  const std::lock_guard lock(mutex_);
  base::log(base::severity::error, name_,
            "left behind: generation=" + std::to_string(generation->number()) + " " + why);
  put_behind(std::move(generation));
}

void scanner::impl::start_generation(base::milliseconds first_delay, std::string outcome,
                                     std::string reason) {
  auto mode = mode_;
  mode.first_delay = first_delay;
  const auto number = record_->reserve_generation();
  record_->takes_over(number, *plan_, std::move(outcome), std::move(reason));
  current_ = std::make_shared<generation>(number, plan_, loader_, registry_, record_, false);
  current_->start(mode, [once = outcome_](base::result<reports> done) { once->give(std::move(done)); });
}

void scanner::impl::leave_behind() {
  hung_ = "inside one call of the plugin for longer than hang_timeout (" +
          std::to_string(plan_->settings.hang_timeout.count()) + " ms)";
  const auto number = current_->number();
  base::log(base::severity::error, name_, "stuck: generation=" + std::to_string(number) + " " + hung_);
  put_behind(std::exchange(current_, nullptr));
  record_->stuck(number, left_behind_.size(), hung_);
  if (mode_.cycles)
    outcome_->give(base::fail(base::errc::timed_out, "scanner " + name_ + " is stuck " + hung_));
}

void scanner::impl::put_behind(std::shared_ptr<generation> generation) {
  generation->abandon();
  left_behind_.push_back(std::move(generation));
  record_->left_behind(left_behind_.size());
}

// Those that woke up and ended. Their code stays mapped: who knows what else they left running.
void scanner::impl::reap() {
  std::erase_if(left_behind_, [](const auto& generation) {
    if (!generation->ended()) return false;
    generation->join(true);
    return true;
  });
  record_->left_behind(left_behind_.size());
}

scanner::scanner(plan::scanner_plan plan, plugin::loader& loader, metrics::registry& registry)
    : impl_(std::make_unique<impl>(std::move(plan), loader, registry)) {}

scanner::~scanner() {
  impl_->request_stop();
  impl_->join(base::steady::now(), destructor_grace);
}

const std::string& scanner::name() const noexcept { return impl_->name(); }

void scanner::start(base::milliseconds first_delay) { impl_->run({std::nullopt, first_delay}, {}); }

void scanner::run_cycles(std::uint64_t cycles,
                         std::function<void(base::result<std::vector<cycle_report>>)> on_done) {
  impl_->run({cycles, base::milliseconds{0}}, std::move(on_done));
}

void scanner::request_stop() noexcept { impl_->request_stop(); }

stop_outcome scanner::join(base::steady_time deadline, base::milliseconds grace) {
  return impl_->join(deadline, grace);
}

void scanner::tick(base::steady_time now) { impl_->tick(now); }

void scanner::pause(bool paused) { impl_->pause(paused); }

void scanner::run_now() { impl_->run_now(); }

std::shared_ptr<const plan::scanner_plan> scanner::plan() const { return impl_->plan(); }

void scanner::refused(const std::string& sha256, std::string reason) {
  impl_->record().refused(sha256, std::move(reason));
}

void scanner::hold_back(const std::string& reason) { impl_->record().hold_back(reason); }

void scanner::on_probation(bool probation) { impl_->record().on_probation(probation); }

scanner_status scanner::status() const { return impl_->status(); }

}  // namespace scanhost::runner
