// SPDX-License-Identifier: Apache-2.0
//
// Error replies, sorted into outcomes.
#include "store/protocol/outcome.hpp"

#include <gtest/gtest.h>

namespace scanhost::store {
namespace {

TEST(outcome_of_error, is_transient_for_states_that_pass) {
  for (const auto* text : {"LOADING Redis is loading the dataset in memory", "READONLY You can't write",
                           "TRYAGAIN Multiple keys", "CLUSTERDOWN Hash slot not served", "MASTERDOWN Link"}) {
    EXPECT_EQ(outcome_of_error(text), SCANHOST_OUTCOME_TRANSIENT) << text;
  }
}

TEST(outcome_of_error, is_permanent_until_an_operator_acts) {
  for (const auto* text : {"NOAUTH Authentication required.", "WRONGPASS invalid", "NOPERM this user"}) {
    EXPECT_EQ(outcome_of_error(text), SCANHOST_OUTCOME_PERMANENT) << text;
  }
}

TEST(outcome_of_error, is_transient_for_a_function_that_may_come_back) {
  EXPECT_EQ(outcome_of_error("ERR Function not found"), SCANHOST_OUTCOME_TRANSIENT);
  EXPECT_TRUE(is_function_missing("ERR Function not found"));
}

TEST(outcome_of_error, is_an_error_reply_for_what_a_function_says_itself) {
  for (const auto* text : {"ERR Function", "ERR ff_x: Function not found", "Function not found"}) {
    EXPECT_EQ(outcome_of_error(text), SCANHOST_OUTCOME_ERROR_REPLY) << text;
    EXPECT_FALSE(is_function_missing(text)) << text;
  }
}

TEST(outcome_of_error, is_an_error_reply_for_everything_else) {
  for (const auto* text : {"ERR unknown command", "WRONGTYPE Operation", "LOADINGS", "loading x", ""}) {
    EXPECT_EQ(outcome_of_error(text), SCANHOST_OUTCOME_ERROR_REPLY) << text;
  }
}

TEST(outcome_name, names_every_kind) {
  EXPECT_EQ(outcome_name(SCANHOST_OUTCOME_REPLY), "reply");
  EXPECT_EQ(outcome_name(SCANHOST_OUTCOME_HELD_BACK), "held_back");
  EXPECT_EQ(outcome_name(outcome_kinds), "unknown");
}

}  // namespace
}  // namespace scanhost::store
