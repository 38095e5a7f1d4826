// SPDX-License-Identifier: Apache-2.0
//
// The runnable states of an execution, as the engine's own functions leave it.
#include "execution_parts.hpp"

namespace scanhost::demo {
namespace {

struct block_words {
  std::string_view index, eligibility, reason, label, detail;
};

block_words words_of(block why) {
  switch (why) {
    case block::budget:
      return {"blocked:budget", "blocked_by_budget", "waiting_for_budget", "rate_limited",
              "budget exhausted"};
    case block::quota:
      return {"blocked:quota", "blocked_by_quota", "waiting_for_quota", "rate_limited",
              "quota window is full"};
    case block::route:
      return {"blocked:route", "blocked_by_route", "waiting_for_capable_worker", "rate_limited",
              "no capable worker"};
    case block::operator_hold:
      return {"blocked:operator", "blocked_by_operator", "paused_by_operator", "rate_limited",
              "held by an operator"};
    case block::dependencies:
      break;
  }
  return {"blocked:dependencies", "blocked_by_dependencies", "waiting_for_children", "waiting_children",
          "waiting for upstream"};
}

}  // namespace

void make_eligible(world& w, const execution& e) {
  set_states(w, e,
             {"runnable", "unowned", "eligible_now", "waiting_for_worker", "none", "pending_first_attempt",
              "waiting"});
  w.enter(e.lane_index("eligible"), e.id, e.eligible_score());
}

void make_delayed(world& w, const execution& e, delay why, std::int64_t until, dice& chance) {
  w.leave(e.lane_index("eligible"), e.id);
  const bool again = why != delay::at_creation;
  set_states(w, e,
             {"runnable", "unowned", "not_eligible_until_time",
              why == delay::retry ? "waiting_for_retry_backoff" : "waiting_for_delay", "none",
              why == delay::retry ? "pending_retry_attempt"
              : again             ? "attempt_interrupted"
                                  : "pending_first_attempt",
              "delayed"},
             "delayed until " + std::to_string(until));
  w.set(e.core(), "delay_until", until);
  w.enter(e.lane_index("delayed"), e.id, until);
  if (!again) return;
  write_attempt(w, e, chance);
  count_attempt(w, e);
  moved(w, e, e.claimed_at + 5000);
  if (why == delay::retry) {
    w.set(e.core(), {{"pending_retry_reason", "upstream returned 503"},
                     {"failure_reason", "upstream returned 503"},
                     {"pending_previous_attempt_index", e.attempt}});
    w.set(e.attempt_hash(), {{"attempt_state", "ended_failure"},
                             {"ended_at", e.claimed_at + 5000},
                             {"failure_reason", "upstream returned 503"},
                             {"failure_category", "transient"}});
  } else {
    w.set(e.attempt_hash(), {{"attempt_state", "suspended"},
                             {"suspended_at", e.claimed_at + 5000},
                             {"suspension_id", "worker_delay"}});
  }
  w.append(e.key("lease:history"), {{"event", "released"},
                                    {"lease_id", e.lease_id},
                                    {"lease_epoch", e.epoch},
                                    {"attempt_index", e.attempt},
                                    {"reason", why == delay::retry ? "failed" : "delayed"},
                                    {"ts", e.claimed_at + 5000}});
}

void make_blocked(world& w, const execution& e, block why, std::int64_t since) {
  const auto words = words_of(why);
  w.leave(e.lane_index("eligible"), e.id);
  set_states(
      w, e,
      {"runnable", "unowned", words.eligibility, words.reason, "none", "pending_first_attempt", words.label},
      std::string(words.detail));
  moved(w, e, since);
  w.enter(e.lane_index(words.index), e.id, why == block::dependencies ? e.created_at : since);
}

}  // namespace scanhost::demo
