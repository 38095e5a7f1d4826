// SPDX-License-Identifier: Apache-2.0
//
// One generation of a scanner.
#include "runner/generation/generation.hpp"

#include <boost/asio/post.hpp>
#include <exception>
#include <utility>

#include "base/log.hpp"

namespace scanhost::runner {

namespace {

// With the hint 1, what a handler posts waits until that handler is done. A blocking call runs the loop
// inside of a handler, and waits for what was posted there.
int concurrency_hint(const config::description& plugin) {
  return plugin.serial ? BOOST_ASIO_CONCURRENCY_HINT_DEFAULT : 1;
}

}  // namespace

generation::generation(std::uint64_t number, std::shared_ptr<const plan::scanner_plan> plan,
                       plugin::loader& loader, metrics::registry& registry, std::shared_ptr<record> record,
                       bool held)
    : number_(number),
      plan_(std::move(plan)),
      loader_(loader),
      registry_(registry),
      record_(std::move(record)),
      gate_(held),
      watch_(plan_->settings.hang_timeout),
      context_(concurrency_hint(plan_->plugin.description)) {}

// Without join() nobody knows that its thread is gone: its code stays mapped.
generation::~generation() {
  if (library_) library_->keep();
}

void generation::start(run_mode mode, on_end end) {
  thread_.start("sh:" + plan_->settings.name,
                [self = shared_from_this(), mode, end = std::move(end)] { self->run(mode, end); });
}

void generation::run(run_mode mode, const on_end& end) {
  base::result<reports> outcome = base::fail(base::errc::software, "it did not run");
  try {
    sweeper_ = std::make_unique<sweeper>(sweeper::surroundings{*plan_, loader_, registry_, *record_, context_,
                                                               calls_, stopping_, abandoned_, gate_, number_},
                                         mode);
    outcome = sweeper_->run(library_);
    sweeper_.reset();
  } catch (const std::exception& problem) {  // a broken invariant of the host, or no memory
    sweeper_.reset();
    outcome = base::fail(base::errc::software, plan_->settings.name + ": " + problem.what());
    record_->restarted(number_, outcome.error().message);
    base::log(base::severity::error, plan_->settings.name, std::string("its thread ends: ") + problem.what());
  }
  gate_.failed(outcome ? base::fail(base::errc::software, "it was stopped") : outcome.error());
  if (end) end(std::move(outcome));
  const std::lock_guard lock(mutex_);
  ended_ = true;
  changed_.notify_all();
}

// Handlers that are left when the thread has ended are never run.
void generation::post(void (sweeper::*what)()) {
  boost::asio::post(context_, [this, what] {
    if (sweeper_) (sweeper_.get()->*what)();
  });
}

void generation::request_stop() {
  if (!stopping_.exchange(true)) post(&sweeper::stop_asked);
}

void generation::cancel() {
  stopping_ = true;
  post(&sweeper::cancel);
}

void generation::abandon() {
  abandoned_ = true;
  request_stop();
}

void generation::publish() { post(&sweeper::publish); }

void generation::release(std::optional<plugin_state> state) {
  gate_.release(std::move(state));
  post(&sweeper::released);
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
  const bool runs_on = library_ && !keep && thread_.left_threads();
  if (runs_on)
    base::log(
        base::severity::warn, plan_->settings.name,
        "a thread that the plugin started runs on, so its build stays mapped; a plugin must join its threads in destroy, or use none");
  if (library_ && (keep || runs_on)) library_->keep();
  library_.reset();
}

}  // namespace scanhost::runner
