// SPDX-License-Identifier: Apache-2.0
//
// What the functions' replies mean.
#include "common/reply_class.hpp"

#include <gtest/gtest.h>

#include "owned_reply.hpp"

namespace ff {
namespace {

using scanhost::testing::array;
using scanhost::testing::nil;
using testing::owned_reply;

verdict judged(verdict (*judge)(const function_reply&) noexcept, scanhost::testing::value answer) {
  const owned_reply raw_reply(std::move(answer));
  return judge(function_reply(raw_reply.get()));
}

TEST(reply_class, takes_a_refusal_for_an_error_that_leaves_the_entry) {
  for (auto* judge : {&judge_mark_lease, &judge_promote_delayed, &judge_expire_execution,
                      &judge_expire_suspension, &judge_reset_budget}) {
    const auto refused = judged(judge, array(0, "invalid_input"));
    EXPECT_TRUE(refused.error);
    EXPECT_TRUE(refused.entry_stays);
    EXPECT_TRUE(judged(judge, array("OK")).error);
    EXPECT_TRUE(judged(judge, array(2, "OK")).error);
    EXPECT_TRUE(judged(judge, nil()).error);
    EXPECT_TRUE(judged(judge, "OK").error);
  }
}

TEST(reply_class, leaves_marked_leases_where_they_are) {
  const auto marked = judged(judge_mark_lease, array(1, "OK", "marked_expired"));
  EXPECT_TRUE(marked.changed);
  EXPECT_TRUE(marked.entry_stays);
  for (const char* word : {"already_expired", "already_revoked", "not_yet_expired"}) {
    const auto kept = judged(judge_mark_lease, array(1, "ALREADY_SATISFIED", word));
    EXPECT_FALSE(kept.changed);
    EXPECT_TRUE(kept.entry_stays);
  }
  const auto gone = judged(judge_mark_lease, array(1, "ALREADY_SATISFIED", "not_active"));
  EXPECT_FALSE(gone.changed);
  EXPECT_FALSE(gone.entry_stays);
}

TEST(reply_class, tells_a_promotion_from_a_clean_up_and_from_one_that_is_not_due) {
  EXPECT_TRUE(judged(judge_promote_delayed, array(1, "OK", "promoted")).changed);
  EXPECT_FALSE(judged(judge_promote_delayed, array(1, "OK", "not_delayed_cleaned")).changed);
  EXPECT_TRUE(judged(judge_promote_delayed, array(1, "OK", "not_yet_due")).entry_stays);
}

TEST(reply_class, takes_any_behaviour_of_a_suspension_for_a_change) {
  EXPECT_TRUE(judged(judge_expire_suspension, array(1, "OK", "not_yet_due", "failed")).changed);
  EXPECT_TRUE(judged(judge_expire_suspension, array(1, "OK", "", "failed")).changed);
  EXPECT_FALSE(judged(judge_expire_suspension, array(1, "OK", "not_found_cleaned")).changed);
  EXPECT_TRUE(judged(judge_expire_suspension, array(1, "OK", "not_yet_due")).entry_stays);
}

TEST(reply_class, reads_the_code_of_a_refusal) {
  const owned_reply raw_reply(array(0, "execution_not_active", "success"));
  const function_reply reply(raw_reply.get());
  EXPECT_TRUE(reply.refused_with("execution_not_active"));
  EXPECT_FALSE(reply.refused_with("execution_not_found"));
  EXPECT_EQ(reply.complaint("f"), "f refused with 'execution_not_active'");
}

}  // namespace
}  // namespace ff
