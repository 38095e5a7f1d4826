// SPDX-License-Identifier: Apache-2.0
#include "runner/scan/wake_tokens.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace scanhost::runner {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(wake_tokens, remember_a_wake_until_it_is_taken_once) {
  wake_tokens tokens;
  const auto token = tokens.add();
  EXPECT_FALSE(tokens.take(token));
  tokens.wake(token);
  EXPECT_TRUE(tokens.take(token));
  EXPECT_FALSE(tokens.take(token));
}

TEST(wake_tokens, ask_the_scanner_to_look_once_however_often_they_are_woken) {
  wake_tokens tokens;
  const auto first = tokens.add();
  const auto second = tokens.add();
  EXPECT_TRUE(tokens.wake(first));
  EXPECT_FALSE(tokens.wake(first));
  EXPECT_FALSE(tokens.wake(second));
  EXPECT_THAT(tokens.take_raised(), ElementsAre(first, second));
  EXPECT_THAT(tokens.take_raised(), IsEmpty());
}

TEST(wake_tokens, ignore_a_wake_after_the_end_of_their_scan) {
  wake_tokens tokens;
  const auto token = tokens.add();
  tokens.remove(token);
  EXPECT_FALSE(tokens.wake(token));
  EXPECT_FALSE(tokens.wake(12345));
  EXPECT_THAT(tokens.take_raised(), IsEmpty());
}

TEST(wake_tokens, never_give_a_number_twice) {
  wake_tokens tokens;
  const auto token = tokens.add();
  tokens.remove(token);
  EXPECT_NE(tokens.add(), token);
}

TEST(wake_tokens, lose_no_wake_of_another_thread) {
  wake_tokens tokens;
  constexpr int count = 10'000;
  std::vector<std::uint64_t> added;
  for (int i = 0; i < count; ++i) added.push_back(tokens.add());
  std::thread worker([&] {
    for (const auto token : added) tokens.wake(token);
  });
  int taken = 0;
  while (taken < count)
    for (const auto token : tokens.take_raised()) taken += tokens.take(token) ? 1 : 0;
  worker.join();
  EXPECT_EQ(taken, count);
}

}  // namespace
}  // namespace scanhost::runner
