// SPDX-License-Identifier: Apache-2.0
#include "reload/journal.hpp"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "base/log.hpp"

namespace scanhost::reload {

journal::journal(runner::roster& scanners, metrics::registry& registry)
    : scanners_(scanners),
      registry_(registry),
      config_ok_(registry.gauge(metrics::names::config_ok, {})),
      config_accepted_(registry.gauge(metrics::names::config_accepted, {})),
      blocked_builds_(registry.gauge(metrics::names::blocked_builds, {})) {
  note_configuration(true);
  registry.counter(metrics::names::reloads, {{"scanner", ""}, {"outcome", "refused"}});  // 0 from the start
}

void journal::note_configuration(bool accepted) {
  config_ok_.set(accepted ? 1 : 0);
  if (!std::exchange(accepted_, accepted) && accepted)
    base::log(base::events::configuration_accepted, every_scanner, "the configuration is accepted again");
  if (!accepted) return;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  config_accepted_.set(std::chrono::duration<double>(now).count());
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
