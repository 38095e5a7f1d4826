// SPDX-License-Identifier: Apache-2.0
#include "reload/journal.hpp"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "base/log.hpp"
#include "base/time_text.hpp"

namespace scanhost::reload {

journal::journal(runner::roster& scanners, metrics::registry& registry)
    : scanners_(scanners),
      registry_(registry),
      config_ok_(registry.gauge(metrics::names::config_ok, {})),
      config_accepted_(registry.gauge(metrics::names::config_accepted, {})),
      blocked_builds_(registry.gauge(metrics::names::blocked_builds, {})) {
  accept_configuration({});
  registry.counter(metrics::names::reloads, {{"scanner", ""}, {"outcome", "refused"}});  // 0 from the start
}

void journal::accept_configuration(std::vector<std::string> needs_restart) {
  const auto now = base::system_now();
  config_ok_.set(1);
  config_accepted_.set(std::chrono::duration<double>(now.time_since_epoch()).count());
  const std::lock_guard lock(mutex_);
  const auto before = std::exchange(configuration_, {now, {}, {}, std::move(needs_restart)});
  if (before.refused)
    base::log(base::events::configuration_accepted, every_scanner, "the configuration is accepted again");
}

void journal::refuse_configuration(const std::string& reason) {
  config_ok_.set(0);
  const std::lock_guard lock(mutex_);
  configuration_.refused = base::system_now();
  configuration_.reason = reason;
}

configuration_state journal::configuration() const {
  const std::lock_guard lock(mutex_);
  return configuration_;
}

void journal::set_blocked_builds(std::vector<blocked_build> builds) {
  blocked_builds_.set(static_cast<double>(builds.size()));
  const std::lock_guard lock(mutex_);
  blocked_list_ = std::move(builds);
}

std::vector<blocked_build> journal::blocked_list() const {
  const std::lock_guard lock(mutex_);
  return blocked_list_;
}

void journal::count(const std::string& scanner, const std::string& outcome) {
  registry_.counter(metrics::names::reloads, {{"scanner", scanner}, {"outcome", outcome}}).add();
}

void journal::refuse(const std::string& scanner, const std::string& sha256, const std::string& reason,
                     answer_builder& answer) {
  answer.add(scanner, "refused", reason);
  answer.fail(base::errc::data);
  const std::pair refusal(sha256, reason);
  if (std::exchange(refused_[scanner], refusal) == refusal) return;
  const auto refused = scanners_.find(scanner);
  if (refused && refused->status().blocked && refused->status().last_error == reason)
    return;  // logged at the start
  base::log(base::events::build_refused, scanner,
            fmt::format("a reload was refused, the present build keeps running: build={} {}",
                        sha256.empty() ? "-" : sha256.substr(0, 12), reason),
            {{"error", reason}});
  count(scanner, "refused");
  if (refused) refused->add_refusal(sha256, reason);
}

}  // namespace scanhost::reload
