// SPDX-License-Identifier: Apache-2.0
#include "runner/scan/turns.hpp"

namespace scanhost::runner {

void cycle_budget::cycle_starts(base::steady_time now) noexcept {
  under_way_ = true;
  started_ = now;
  taken_ = base::steady::duration::zero();
  calls_ = 0;
}

void cycle_budget::cycle_ends(base::steady_time now) noexcept {
  under_way_ = false;
  taken_ = now - started_;
}

bool cycle_budget::spent(const config::budget_settings& limit, base::steady_time scan_started,
                         base::steady_time now) const noexcept {
  if (calls_ >= limit.calls) return true;
  const auto taken = under_way_ ? now - started_ : taken_ + (now - scan_started);
  return taken >= limit.time;
}

void pass_turns::ask(std::uint32_t acted) noexcept {
  if (asked_ > 0 && acted == 0) ++idle_pages_;
  acted_ += acted;
  ++asked_;
}

std::uint32_t pass_turns::allowance(const turn_rules& rules, bool budget_spent) const noexcept {
  if (first()) return rules.page_size;
  if (idle_pages_ >= rules.budget.pages) return 0;
  if (!rules.drain) {
    if (acted_ >= rules.page_size) return 0;
    return rules.page_size - static_cast<std::uint32_t>(acted_);
  }
  return budget_spent ? 0 : rules.page_size;
}

}  // namespace scanhost::runner
