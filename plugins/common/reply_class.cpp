// SPDX-License-Identifier: Apache-2.0
#include "common/reply_class.hpp"

#include "common/keys.hpp"
#include "common/tally.hpp"

namespace ff {

std::string function_reply::complaint(std::string_view function) const {
  if (refused()) return joined(function, " refused with '", printable(word()), "'");
  return joined(function, " answered in an unexpected form; is the library the one that it should be?");
}

verdict judge_mark_lease(const function_reply& reply) noexcept {
  if (!reply.accepted()) return verdicts::refusal;
  const auto word = reply.word();
  if (word == "marked_expired")
    return verdicts::changed_and_stays;  // by design: whoever reclaims finds it there
  if (word == "already_expired" || word == "already_revoked" || word == "not_yet_expired")
    return verdicts::unchanged_and_stays;
  return verdicts::unchanged;
}

verdict judge_promote_delayed(const function_reply& reply) noexcept {
  if (!reply.accepted()) return verdicts::refusal;
  if (reply.word() == "promoted") return verdicts::changed;
  return reply.word() == "not_yet_due" ? verdicts::unchanged_and_stays : verdicts::unchanged;
}

verdict judge_expire_execution(const function_reply& reply) noexcept {
  if (!reply.accepted()) return verdicts::refusal;
  return reply.word() == "expired" ? verdicts::changed : verdicts::unchanged;
}

verdict judge_expire_suspension(const function_reply& reply) noexcept {
  if (!reply.accepted()) return verdicts::refusal;
  if (reply.size() > 3) return verdicts::changed;  // behaviour and outcome; the behaviour may be any text
  return reply.word() == "not_yet_due" ? verdicts::unchanged_and_stays : verdicts::unchanged;
}

verdict judge_reset_budget(const function_reply& reply) noexcept {
  return reply.accepted() ? verdicts::changed : verdicts::refusal;
}

bool settles_cancel(const function_reply& reply) noexcept {
  return reply.accepted() || reply.refused_with("execution_not_active") ||
         reply.refused_with("execution_not_found");
}

}  // namespace ff
