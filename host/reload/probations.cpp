// SPDX-License-Identifier: Apache-2.0
#include "reload/probations.hpp"

#include "base/log.hpp"

namespace scanhost::reload {

void probations::begin(runner::scanner& scanner, const plan::scanner_plan& before,
                       const runner::scanner_status& status_before, probation_limits limits) {
  previous_plans_.insert_or_assign(scanner.name(), before);
  if (limits.cycles == 0) return;
  const auto status = scanner.status();
  on_probation_.insert_or_assign(
      scanner.name(), entry{probation(limits, status_before, status), scanner.plan()->plugin.sha256});
  scanner.set_probation(true);
}

void probations::end(runner::scanner& scanner) {
  on_probation_.erase(scanner.name());
  scanner.set_probation(false);
}

void probations::forget(const std::string& scanner) {
  on_probation_.erase(scanner);
  previous_plans_.erase(scanner);
}

const plan::scanner_plan* probations::previous_plan(const std::string& scanner) const {
  const auto found = previous_plans_.find(scanner);
  return found == previous_plans_.end() ? nullptr : &found->second;
}

std::optional<probations::failed_build> probations::judge() {
  for (auto at = on_probation_.begin(); at != on_probation_.end();) {
    const auto scanner = scanners_.find(at->first);
    const auto judgement = scanner ? at->second.period.judge(scanner->status())
                                   : reload::judgement{probation_result::passed, {}};
    if (judgement.result == probation_result::undecided) {
      ++at;
      continue;
    }
    failed_build failed{at->first, at->second.sha256, judgement.reason};
    at = on_probation_.erase(at);
    if (!scanner) continue;
    scanner->set_probation(false);
    if (judgement.result == probation_result::failed) return failed;
    base::log(base::events::probation_passed, scanner->name(), "its build has passed probation");
  }
  return std::nullopt;
}

}  // namespace scanhost::reload
