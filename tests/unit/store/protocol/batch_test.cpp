// SPDX-License-Identifier: Apache-2.0
//
// Outcomes of a batch.
#include "store/protocol/batch.hpp"

#include <gtest/gtest.h>

#include <memory>

#include "scanhost/detail/sanitizers.hpp"
#include "support/commands.hpp"

namespace scanhost::store {
namespace {

TEST(batch, tells_count_and_stride_of_its_outcomes) {
  const batch three(3);
  EXPECT_EQ(three.raw()->struct_size, sizeof(scanhost_replies));
  EXPECT_EQ(three.raw()->outcome_count, 3u);
  EXPECT_EQ(three.raw()->outcome_stride, sizeof(scanhost_outcome));
  EXPECT_EQ(three.raw()->outcomes[2].struct_size, sizeof(scanhost_outcome));
}

TEST(batch, gives_replies_to_open_commands_in_order) {
  batch three(3);
  three.settle(1, SCANHOST_OUTCOME_REFUSED, "no");
  const auto first = reply_with(SCANHOST_REPLY_STATUS, "OK");
  const auto second = reply_with(SCANHOST_REPLY_ERROR, "READONLY replica");
  three.answer(first);
  three.answer(second);
  EXPECT_EQ(three.outcomes()[0].reply, &first);
  EXPECT_EQ(three.outcomes()[1].kind, SCANHOST_OUTCOME_REFUSED);
  EXPECT_EQ(three.outcomes()[1].reply, nullptr);
  EXPECT_EQ(three.outcomes()[2].kind, SCANHOST_OUTCOME_TRANSIENT);
  EXPECT_EQ(three.outcomes()[2].reply, &second);
  EXPECT_EQ(text_of(three.outcomes()[2].message), "READONLY replica");
}

TEST(batch, settles_what_is_open_and_leaves_the_rest) {
  batch three(3);
  const auto reply = reply_with(SCANHOST_REPLY_STATUS, "OK");
  three.answer(reply);
  three.settle_next(SCANHOST_OUTCOME_PERMANENT, "garbled");
  three.settle_open(SCANHOST_OUTCOME_TRANSIENT, std::string("lost"));
  EXPECT_EQ(three.outcomes()[0].kind, SCANHOST_OUTCOME_REPLY);
  EXPECT_EQ(three.outcomes()[1].kind, SCANHOST_OUTCOME_PERMANENT);
  EXPECT_EQ(text_of(three.outcomes()[2].message), "lost");
}

// Not where a use after free is looked for.
TEST(batch, takes_the_memory_of_one_that_is_gone) {
  auto gone = std::make_unique<batch>(2);
  const auto* const memory = gone.get();
  gone.reset();
  const auto next = std::make_unique<batch>(1);
  EXPECT_EQ(next.get() == memory, !detail::address_sanitizer);
  EXPECT_EQ(next->raw()->outcome_count, 1u);
}

TEST(batch, is_counted_by_outcome) {
  batch two(2);
  two.settle_open(SCANHOST_OUTCOME_CANCELLED, "x");
  outcome_counts counts{};
  count_outcomes(*two.raw(), counts);
  EXPECT_EQ(counts[SCANHOST_OUTCOME_CANCELLED], 2u);
  EXPECT_EQ(counts[SCANHOST_OUTCOME_REPLY], 0u);
}

}  // namespace
}  // namespace scanhost::store
