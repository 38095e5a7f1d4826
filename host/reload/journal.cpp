// SPDX-License-Identifier: Apache-2.0
#include "reload/journal.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/log.hpp"

namespace scanhost::reload {

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
  base::log(base::severity::error, scanner,
            fmt::format("a reload was refused, the present build keeps running: build={} {}",
                        sha256.empty() ? "-" : sha256.substr(0, 12), reason));
  count(scanner, "refused");
  if (refused) refused->add_refusal(sha256, reason);
}

}  // namespace scanhost::reload
