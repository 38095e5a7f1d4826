// SPDX-License-Identifier: Apache-2.0
//
// One scanner's move to another plan.
#include "runner/replacement.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

#include "runner/generation/generation.hpp"
#include "runner/scanner_impl.hpp"

namespace scanhost::runner {

namespace {

constexpr base::milliseconds look_period{20};
constexpr base::milliseconds old_generation_grace{1000};  // after its scans were cancelled
constexpr base::milliseconds new_generation_grace{2000};  // for a new generation that is not wanted after all
constexpr base::milliseconds first_connection_patience{5000};

}  // namespace

replacement::replacement(scanner& of, plan::scanner_plan plan)
    : scanner_(of),
      plan_(std::make_shared<const plan::scanner_plan>(std::move(plan))),
      plan_before_(of.plan()) {}

replacement::~replacement() { dismiss(); }

base::result<void> replacement::prepare(const std::atomic<bool>& given_up) {
  try {
    next_ = scanner_.impl_->make_beside(plan_);
  } catch (const std::system_error& problem) {
    return base::fail(base::errc::os, problem.what());
  }
  const auto deadline = base::steady::now() + plan_->settings.hang_timeout + first_connection_patience;
  while (!given_up) {
    const auto now = base::steady::now();
    if (auto outcome = next_->at_gate().wait_ready(std::min(deadline, now + look_period))) return *outcome;
    if (now < deadline) continue;
    return base::fail(base::errc::timed_out, "the new generation did not get ready within " +
                                                 std::to_string(plan_->settings.hang_timeout.count()) +
                                                 " ms (hang_timeout); its create hangs");
  }
  return base::fail(base::errc::unavailable, "the host is stopping");
}

void replacement::retire() {
  old_ = scanner_.impl_->retire();
  drain_deadline_ = base::steady::now() + plan_before_->settings.drain_timeout;
  if (!old_) return;
  old_->at_gate().want_state();
  old_->request_stop();
}

base::result<replaced> replacement::commit(std::string outcome, std::string reason) {
  replaced report;
  if (!drain_deadline_) retire();
  wait_for_old(report);
  const auto drained_at = base::steady::now();
  auto state = old_ && old_->ended() ? old_->at_gate().take_left() : std::nullopt;
  if (!scanner_.impl_->succeed(old_, next_, plan_, std::move(outcome), std::move(reason)))
    return base::fail(base::errc::unavailable, "the host is stopping");
  if (scanner_.impl_->record().paused()) next_->pause_asked();
  next_->release(std::move(state));
  next_.reset();
  report.pause = std::chrono::duration_cast<base::milliseconds>(base::steady::now() - drained_at);
  let_go(report);
  return report;
}

// A scanner that is being stopped waits by itself, and has less patience.
void replacement::wait_for_old(replaced& report) {
  while (old_ && !scanner_.impl_->stopping()) {
    const auto now = base::steady::now();
    if (old_->wait_until(std::min(*drain_deadline_, now + look_period))) return;
    if (now < *drain_deadline_) continue;
    report.cancelled = true;
    old_->cancel();
    old_->wait_until(base::steady::now() + old_generation_grace);
    return;
  }
}

void replacement::let_go(replaced& report) {
  const auto old = std::exchange(old_, nullptr);
  if (!old) return;
  report.retained = !old->ended();
  if (report.retained) return;
  const auto file = old->file();
  const bool keep = plan_before_->settings.unload == config::unload_policy::never;
  old->join(keep);
  report.pinned = !file.empty() && plugin::still_mapped(file);
  if (report.pinned) scanner_.impl_->record().pinned();
}

void replacement::dismiss() {
  const auto next = std::exchange(next_, nullptr);
  if (!next) return;
  next->cancel();
  if (next->wait_until(base::steady::now() + new_generation_grace))
    next->join(false);
  else
    scanner_.impl_->keep_behind(next, "it was never made");
}

}  // namespace scanhost::runner
