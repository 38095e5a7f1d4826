// SPDX-License-Identifier: Apache-2.0
#include "index_reconciler/placing.hpp"

#include <cstdint>
#include <cstdio>

#include "common/keys.hpp"
#include "common/tally.hpp"
#include "index_reconciler/expected_index.hpp"

namespace ff {
namespace {

using field = placing_core::field;

// Where a suspension waits without end.
constexpr std::string_view no_timeout = "9999999999999";

// As the server's scripts write numbers: no digit of a score is lost.
std::string as_score(double value) {
  char digits[32];
  std::snprintf(digits, sizeof digits, "%.17g", value);
  return digits;
}

bool is_set(const std::optional<std::string>& value) { return value && !value->empty(); }

entry_score obstacle(std::string_view name, const std::optional<std::string>& value) {
  return {.obstacle = value ? joined("its ", name, " '", printable(*value), "' makes no score")
                            : joined("it has no ", name)};
}

std::optional<std::int64_t> number(const std::optional<std::string>& value) {
  return value ? scanhost::parse_integer<std::int64_t>(*value) : std::nullopt;
}

// The field's own value.
entry_score time_in(std::string_view name, const std::optional<std::string>& value) {
  const auto time = number(value);
  return time && *time > 0 ? entry_score{.score = std::to_string(*time)} : obstacle(name, value);
}

entry_score time_in(const placing_core& core, field which) {
  return time_in(placing_core::fields[which], core.values[which]);
}

// An absent one counts as 0.
std::optional<double> factor(const placing_core& core, field which, entry_score& problem) {
  const auto& value = core.values[which];
  if (!value) return 0;
  const auto found = number(value);
  if (!found) problem = obstacle(placing_core::fields[which], value);
  return found ? std::optional(static_cast<double>(*found)) : std::nullopt;
}

// By priority, then by age.
entry_score eligible_score(const placing_core& core) {
  entry_score problem;
  const auto priority = factor(core, field::priority, problem);
  const auto created_at = factor(core, field::created_at, problem);
  if (!priority || !created_at) return problem;
  return {.score = as_score(-(*priority * 1e12) + *created_at)};
}

entry_score creation_score(const placing_core& core) {
  entry_score problem;
  const auto created_at = factor(core, field::created_at, problem);
  return created_at ? entry_score{.score = as_score(*created_at)} : problem;
}

// A resume with a delay leaves the field unset: such a one is due.
entry_score delay_score(const placing_core& core, scanhost::timestamp now) {
  if (!is_set(core.values[field::delay_until])) return {.score = std::to_string(scanhost::to_ms(now))};
  return time_in(core, field::delay_until);
}

entry_score suspended_score(const placing_suspension& suspension) {
  const auto& [id, closed_at, timeout_at] = suspension.values;
  const bool open = is_set(id) && !is_set(closed_at);
  if (!open || !is_set(timeout_at)) return {.score = std::string(no_timeout)};
  return time_in("suspension's timeout_at", timeout_at);
}

}  // namespace

std::string_view placing_core::index() const noexcept {
  return has_phase() ? expected_index(text(phase), text(eligibility), text(ownership)) : std::string_view();
}

std::string placing_core::state() const {
  return joined(printable(text(phase)), ", ", printable(text(eligibility)), ", ", printable(text(ownership)));
}

entry_score score_of(const placing_core& core, const placing_suspension& suspension,
                     scanhost::timestamp now) {
  const auto index = core.index();
  if (index == "eligible") return eligible_score(core);
  if (index == "delayed") return delay_score(core, now);
  if (index == "active") return time_in(core, field::lease_expires_at);
  if (index == "blocked:dependencies") return creation_score(core);
  if (index == "suspended") return suspended_score(suspension);
  if (index == "terminal") return time_in(core, field::completed_at);
  if (index.starts_with("blocked:")) return time_in(core, field::last_transition_at);
  return {.obstacle = "its state belongs into no index"};
}

}  // namespace ff
