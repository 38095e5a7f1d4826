// SPDX-License-Identifier: Apache-2.0
#include "runner/generation/generation.hpp"

#include <fmt/format.h>

#include <boost/asio/post.hpp>
#include <exception>
#include <utility>

#include "base/log.hpp"
#include "base/thread_costs.hpp"
#include "runner/crash/crash_place.hpp"

namespace scanhost::runner {

generation::generation(std::uint64_t number, std::shared_ptr<const plan::scanner_plan> plan,
                       plugin::loader& loader, metrics::registry& registry, std::shared_ptr<record> record,
                       bool held)
    : loader_(loader),
      registry_(registry),
      watch_(plan->settings.hang_timeout),
      shared_(number, std::move(plan), std::move(record), held) {}

// Without join() its thread may still run: its code stays mapped.
generation::~generation() {
  if (library_) library_->keep();
}

void generation::start(run_mode mode, on_end end) {
  thread_.start("sh:" + shared_.plan->settings.name,
                [self = shared_from_this(), mode, end = std::move(end)] { self->run(mode, end); });
}

void generation::run(run_mode mode, const on_end& end) {
  base::result<reports> outcome = base::fail(base::errc::software, "it did not run");
  crash_place::set(shared_.plan->settings.name, shared_.number, shared_.plan->plugin.sha256);
  try {
    sweeper_ = std::make_unique<sweeper>(shared_, loader_, registry_, mode);
    outcome = sweeper_->run(library_);
    sweeper_.reset();
    shared_.set_end_state(scanner_state::stopped);
  } catch (const std::exception& problem) {  // a broken invariant of the host, or no memory
    sweeper_.reset();
    outcome =
        base::fail(base::errc::software, fmt::format("{}: {}", shared_.plan->settings.name, problem.what()));
    shared_.record->count_restart(shared_.number, outcome.error().message);
    base::log(base::events::scanner_thread_failed, shared_.plan->settings.name,
              fmt::format("its thread ends: {}", problem.what()), {{"error", problem.what()}});
  }
  crash_place::clear();
  shared_.gate.set_failed(outcome ? base::fail(base::errc::software, "it was stopped") : outcome.error());
  if (end) end(std::move(outcome));
  const std::lock_guard lock(mutex_);
  record_cpu_time(base::thread_cpu_time());
  ended_ = true;
  changed_.notify_all();
}

// Handlers that are left when the thread has ended are never run.
void generation::post(void (sweeper::*action)()) {
  boost::asio::post(shared_.context, [this, action] {
    if (sweeper_) (sweeper_.get()->*action)();
  });
}

void generation::explain(item_question question) {
  boost::asio::post(shared_.context, [this, question = std::move(question)]() mutable {
    if (sweeper_) sweeper_->explain(std::move(question));
  });
}

void generation::request_stop() {
  if (!shared_.stopping.exchange(true)) post(&sweeper::begin_stop);
}

void generation::cancel() {
  shared_.stopping = true;
  post(&sweeper::cancel);
}

void generation::abandon() {
  shared_.abandoned = true;
  request_stop();
}

void generation::publish() { post(&sweeper::publish); }

void generation::release(std::optional<plugin_state> state) {
  shared_.gate.release(std::move(state));
  post(&sweeper::wake);
}

void generation::record_cpu_time() {
  const std::lock_guard lock(mutex_);
  if (ended_) return;
  if (const auto spent = thread_.cpu_time()) record_cpu_time(*spent);
}

void generation::record_cpu_time(std::chrono::nanoseconds spent) {
  if (spent <= recorded_cpu_time_) return;
  shared_.record->add_cpu_time(spent - std::exchange(recorded_cpu_time_, spent));
}

std::filesystem::path generation::file() const {
  return library_ ? library_->file() : std::filesystem::path();
}

bool generation::ended() const {
  const std::lock_guard lock(mutex_);
  return ended_;
}

bool generation::wait_until(base::steady_time deadline) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_until(lock, deadline, [this] { return ended_; });
}

// Unmapping code that a thread of the plugin's own runs would end the host.
void generation::join(bool keep) {
  thread_.join();
  const bool thread_runs_on = library_ && !keep && thread_.left_threads();
  if (thread_runs_on)
    base::log(
        base::events::build_stays_mapped, shared_.plan->settings.name,
        "a thread that the plugin started runs on, so its build stays mapped; a plugin must join its threads in destroy, or use none");
  if (library_ && (keep || thread_runs_on)) library_->keep();
  library_.reset();
}

}  // namespace scanhost::runner
