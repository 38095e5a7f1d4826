// SPDX-License-Identifier: Apache-2.0
#include "runner/replacement.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "plugin/library.hpp"
#include "runner/generation/generation.hpp"

namespace scanhost::runner {

namespace {

constexpr base::milliseconds check_period{20};
constexpr base::milliseconds old_generation_grace{1000};       // after its scans were cancelled
constexpr base::milliseconds new_generation_grace{2000};       // when it is not used after all
constexpr base::milliseconds first_connection_patience{5000};  // besides the time of `create`

}  // namespace

replacement::replacement(scanner& scanner, plan::scanner_plan plan)
    : scanner_(scanner),
      plan_(std::make_shared<const plan::scanner_plan>(std::move(plan))),
      plan_before_(scanner.plan()) {}

replacement::~replacement() { dismiss(); }

base::result<void> replacement::prepare(const std::atomic<bool>& given_up) {
  try {
    next_ = scanner_.start_beside(plan_);
  } catch (const std::system_error& problem) {
    return base::fail(base::errc::os, problem.what());
  }
  const auto deadline = base::steady::now() + plan_->settings.hang_timeout + first_connection_patience;
  while (!given_up) {
    const auto now = base::steady::now();
    if (auto outcome = next_->gate().wait_ready(std::min(deadline, now + check_period))) return *outcome;
    if (now < deadline) continue;
    return base::fail(
        base::errc::timed_out,
        fmt::format("the new generation did not get ready within {} ms (hang_timeout): its create hangs",
                    plan_->settings.hang_timeout.count()));
  }
  return base::fail(base::errc::unavailable, "the host is stopping");
}

void replacement::retire() {
  old_ = scanner_.begin_replacement();
  drain_deadline_ = base::steady::now() + plan_before_->settings.drain_timeout;
  if (!old_) return;
  old_->gate().request_state();
  old_->request_stop();
}

base::result<replaced> replacement::commit(std::string outcome, std::string reason) {
  replaced report;
  if (!drain_deadline_) retire();
  wait_for_old(report);
  const auto drained_at = base::steady::now();
  auto state = old_ && old_->ended() ? old_->gate().take_state() : std::nullopt;
  if (!scanner_.replace(old_, next_, plan_, std::move(outcome), std::move(reason)))
    return base::fail(base::errc::unavailable, "the host is stopping");
  if (scanner_.paused()) next_->apply_pause();
  next_->release(std::move(state));
  next_.reset();
  report.pause = std::chrono::duration_cast<base::milliseconds>(base::steady::now() - drained_at);
  close_old(report);
  return report;
}

// A scanner that is being stopped waits for its generation itself, and not as long.
void replacement::wait_for_old(replaced& report) {
  while (old_ && !scanner_.stopping()) {
    const auto now = base::steady::now();
    if (old_->wait_until(std::min(*drain_deadline_, now + check_period))) return;
    if (now < *drain_deadline_) continue;
    report.cancelled = true;
    old_->cancel();
    old_->wait_until(base::steady::now() + old_generation_grace);
    return;
  }
}

void replacement::close_old(replaced& report) {
  const auto old = std::exchange(old_, nullptr);
  if (!old) return;
  report.retained = !old->ended();
  if (report.retained) return;
  const auto file = old->file();
  const bool keep = plan_before_->settings.unload == config::unload_policy::never;
  old->join(keep);
  report.pinned = !file.empty() && plugin::still_mapped(file);
  if (report.pinned) scanner_.count_pinned();
}

void replacement::dismiss() {
  const auto next = std::exchange(next_, nullptr);
  if (!next) return;
  next->cancel();
  if (next->wait_until(base::steady::now() + new_generation_grace))
    next->join(false);
  else
    scanner_.abandon(next, "it never got ready");
}

}  // namespace scanhost::runner
