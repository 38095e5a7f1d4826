// SPDX-License-Identifier: Apache-2.0
//
// One configured scanner: its record, the generation that runs, and those that were left behind.
#include "runner/scanner.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <utility>

#include "runner/generation.hpp"
#include "runner/log.hpp"

namespace scanhost::runner {

namespace {

constexpr base::milliseconds parting_grace{1000};

// A plugin that hangs again and again must not fill the process with threads.
constexpr std::size_t most_left_behind = 3;

// Hands the outcome of run_cycles() over once, whoever comes first: the thread, or the one that sees it
// hang.
class outcome_once {
 public:
  using receiver = std::function<void(base::result<std::vector<cycle_report>>)>;
  explicit outcome_once(receiver to) : to_(std::move(to)) {}
  void give(base::result<std::vector<cycle_report>> outcome) {
    if (!given_.exchange(true) && to_) to_(std::move(outcome));
  }

 private:
  receiver to_;
  std::atomic<bool> given_{false};
};

}  // namespace

class scanner::impl {
 public:
  impl(scanner_plan plan, plugin::loader& loader, metrics::registry& registry)
      : plan_(std::make_shared<const scanner_plan>(std::move(plan))),
        loader_(loader),
        registry_(registry),
        record_(std::make_shared<record>(*plan_, registry)) {}

  const std::string& name() const noexcept { return plan_->settings.name; }
  scanner_status status() const { return record_->status(); }

  void run(run_mode mode, outcome_once::receiver on_done) {
    const std::lock_guard lock(mutex_);
    outcome_ = std::make_shared<outcome_once>(std::move(on_done));
    mode_ = mode;
    log(severity::info, name(),
        "start: plugin=" + plan_->settings.plugin + " version=" + plan_->plugin.description.version +
            " interval_ms=" + std::to_string(plan_->settings.interval.count()) +
            " partitions=" + std::to_string(partitions()));
    start_generation(mode.first_delay);
  }

  void request_stop() {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    if (current_) current_->request_stop();
  }

  stop_outcome join(base::steady_time deadline, base::milliseconds grace) {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    if (current_ && !current_->wait_until(deadline)) {
      log(severity::warn, name(), "has not stopped in time; what is under way is cancelled");
      current_->cancel();
      current_->wait_until(base::steady::now() + grace);
    }
    if (current_) {
      if (current_->ended()) {
        current_->join(false);
        log(severity::info, name(), "stop");
      } else {
        current_->abandon();
        left_behind_.push_back(current_);
      }
      current_.reset();
    }
    reap();
    return left_behind_.empty() ? stop_outcome::stopped : stop_outcome::stuck;
  }

  void tick(base::steady_time now) {
    const std::lock_guard lock(mutex_);
    reap();
    if (current_ && current_->hangs(now)) leave_behind();
    if (current_) {
      current_->publish();
    } else if (hung_ && !stopping_ && !mode_.cycles && left_behind_.size() < most_left_behind) {
      start_generation(base::milliseconds{0});
    }
  }

 private:
  std::uint32_t partitions() const {
    const auto& families = plan_->plugin.description.families;
    if (families.empty()) return 1;
    const auto found = plan_->partition_counts.find(families.front().name);
    return found == plan_->partition_counts.end() ? std::max(families.front().default_count, 1u)
                                                  : found->second;
  }

  void start_generation(base::milliseconds first_delay) {
    hung_ = false;
    auto mode = mode_;
    mode.first_delay = first_delay;
    current_ = std::make_shared<generation>(record_->next_generation(), plan_, loader_, registry_, record_);
    current_->start(mode,
                    [outcome = outcome_](base::result<reports> done) { outcome->give(std::move(done)); });
  }

  void leave_behind() {
    const std::string reason = "inside one call of the plugin for longer than hang_timeout (" +
                               std::to_string(plan_->settings.hang_timeout.count()) + " ms)";
    log(severity::error, name(), "stuck: generation=" + std::to_string(current_->number()) + " " + reason);
    current_->abandon();
    left_behind_.push_back(std::exchange(current_, nullptr));
    record_->stuck(left_behind_.back()->number(), left_behind_.size(), reason);
    hung_ = true;
    if (mode_.cycles)
      outcome_->give(base::fail(base::errc::timed_out, "scanner " + name() + " is stuck " + reason));
  }

  // Those that woke up and ended. Their code stays mapped: who knows what else they left running.
  void reap() {
    std::erase_if(left_behind_, [](const auto& one) {
      if (!one->ended()) return false;
      one->join(true);
      return true;
    });
    record_->left_behind(left_behind_.size());
  }

  std::shared_ptr<const scanner_plan> plan_;
  plugin::loader& loader_;
  metrics::registry& registry_;
  std::shared_ptr<record> record_;

  std::mutex mutex_;
  run_mode mode_;
  std::shared_ptr<outcome_once> outcome_;
  std::shared_ptr<generation> current_;
  std::vector<std::shared_ptr<generation>> left_behind_;
  bool hung_ = false;
  bool stopping_ = false;
};

scanner::scanner(scanner_plan plan, plugin::loader& loader, metrics::registry& registry)
    : impl_(std::make_unique<impl>(std::move(plan), loader, registry)) {}

scanner::~scanner() {
  impl_->request_stop();
  impl_->join(base::steady::now(), parting_grace);
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

scanner_status scanner::status() const { return impl_->status(); }

}  // namespace scanhost::runner
