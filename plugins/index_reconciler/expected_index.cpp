// SPDX-License-Identifier: Apache-2.0
#include "index_reconciler/expected_index.hpp"

#include <array>
#include <utility>

namespace ff {

std::string_view expected_index(std::string_view phase, std::string_view eligibility,
                                std::string_view ownership) noexcept {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 7> runnable = {{
      {"eligible_now", "eligible"},
      {"not_eligible_until_time", "delayed"},
      {"blocked_by_dependencies", "blocked:dependencies"},
      {"blocked_by_budget", "blocked:budget"},
      {"blocked_by_quota", "blocked:quota"},
      {"blocked_by_route", "blocked:route"},
      {"blocked_by_operator", "blocked:operator"},
  }};
  if (phase == "suspended" || phase == "terminal") return phase;
  if (phase == "active") return ownership == "leased" ? phase : std::string_view();
  if (phase != "runnable") return {};
  for (const auto& [state, index] : runnable)
    if (state == eligibility) return index;
  return {};
}

}  // namespace ff
