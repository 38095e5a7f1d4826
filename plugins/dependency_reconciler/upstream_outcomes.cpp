// SPDX-License-Identifier: Apache-2.0
#include "dependency_reconciler/upstream_outcomes.hpp"

#include <cstddef>
#include <utility>

#include "common/ids.hpp"
#include "common/keys.hpp"
#include "common/tally.hpp"

namespace ff {

scanhost::task<std::map<std::string, std::string>> upstream_outcomes::load(scanhost::scan_context& scan,
                                                                           std::vector<std::string> ids,
                                                                           bool& cancelled) {
  std::map<std::string, std::string> failures;
  std::vector<std::string> asked;
  scanhost::batch reads;
  for (auto& id : ids) {
    const auto partition = execution_partition(id);
    if (!known_.try_emplace(id).second || !partition) continue;
    const auto tag = flow_tag(*partition);
    reads.add("HMGET", execution_keys(tag, id).core(), "lifecycle_phase", "terminal_outcome")
        .route(tag)
        .about(id);
    asked.push_back(std::move(id));
  }
  const auto answers = co_await scan.execute(std::move(reads));
  for (std::size_t i = 0; i < asked.size(); ++i) {
    const auto core = answers[i];
    cancelled = cancelled || core.cancelled();
    if (!core.ok()) {
      failures.emplace(asked[i], printable(core.message()));
      continue;
    }
    const auto outcome = core[1].text();
    if (core[0].text() == "terminal" && !outcome.empty() && outcome != "none") known_[asked[i]] = outcome;
  }
  co_return failures;
}

std::optional<std::string_view> upstream_outcomes::of(const std::string& id) const {
  const auto found = known_.find(id);
  if (found == known_.end() || !found->second) return std::nullopt;
  return std::string_view(*found->second);
}

}  // namespace ff
