// SPDX-License-Identifier: Apache-2.0
#include "reload/journal.hpp"

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
  if (std::exchange(refused_[scanner], reason) == reason) return;
  const auto refused = scanners_.find(scanner);
  if (refused && refused->status().blocked && refused->status().last_error == reason)
    return;  // logged at the start
  base::log(base::severity::error, scanner,
            "a reload was refused, the present build keeps running: " + reason);
  count(scanner, "refused");
  if (refused) refused->add_refusal(sha256, reason);
}

}  // namespace scanhost::reload
