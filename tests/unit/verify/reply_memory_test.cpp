// SPDX-License-Identifier: Apache-2.0
#include "verify/reply_memory.hpp"

#include <gtest/gtest.h>

#include "scanhost/testing/lent.hpp"

namespace scanhost::verify {
namespace {

TEST(reply_memory, tells_what_is_lent_from_what_was_given_back) {
  reply_memory memory;
  const auto first = memory.take(10), other = memory.take(10'000);
  memory.seal(first);
  memory.give_back(first);
  EXPECT_EQ(memory.look(first.data()), reply_memory::place::given_back);
  EXPECT_EQ(memory.look(other.data() + 9'999), reply_memory::place::lent);
  EXPECT_EQ(memory.look(&memory), reply_memory::place::elsewhere);
}

TEST(reply_memory, never_hands_out_a_place_that_was_just_given_back) {
  reply_memory memory;
  const auto piece = memory.take(1);
  memory.give_back(piece);
  EXPECT_NE(memory.take(1).data(), piece.data());
}

TEST(reply_memory, is_zero_and_may_be_filled_until_it_is_sealed) {
  reply_memory memory;
  const auto piece = memory.take(5'000);
  EXPECT_EQ(piece[4'999], std::byte{0});
  piece[4'999] = std::byte{1};
  memory.seal(piece);
  EXPECT_EQ(piece[4'999], std::byte{1});
}

TEST(lent_replies, are_as_the_abi_has_them_with_longer_structs_too) {
  reply_memory memory;
  for (const std::size_t beyond : {0U, 64U}) {
    const std::vector<testing::answer> answers{testing::array("a", 7), testing::transient("lost")};
    const testing::lent_replies lent(memory, answers, beyond);
    EXPECT_EQ(lent.get()->outcome_count, 2U);
    EXPECT_EQ(lent.get()->outcome_stride, sizeof(scanhost_outcome) + beyond);
    const auto* first = lent.get()->outcomes;
    const auto* second = reinterpret_cast<const scanhost_outcome*>(reinterpret_cast<const std::byte*>(first) +
                                                                   lent.get()->outcome_stride);
    EXPECT_EQ(view(first->reply->elements[0].text), "a");
    EXPECT_EQ(first->reply->elements[1].integer, 7);
    EXPECT_EQ(second->kind, SCANHOST_OUTCOME_TRANSIENT);
    EXPECT_EQ(second->reply, nullptr);
    EXPECT_EQ(view(second->message), "lost");
  }
}

}  // namespace
}  // namespace scanhost::verify
