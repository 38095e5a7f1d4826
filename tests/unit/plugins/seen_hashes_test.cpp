// SPDX-License-Identifier: Apache-2.0
#include "common/seen_hashes.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <random>
#include <unordered_set>

namespace ff {
namespace {

TEST(seen_hashes, know_each_that_came_before) {
  seen_hashes seen;
  std::unordered_set<std::size_t> reference;
  std::mt19937_64 random(1);
  for (int i = 0; i < 100'000; ++i) {
    const auto hash = std::size_t{2} + random() % 50'000;
    EXPECT_EQ(seen.insert(hash), reference.insert(hash).second) << hash;
  }
}

TEST(seen_hashes, find_those_that_want_the_same_place) {
  seen_hashes seen;
  constexpr std::size_t stride = std::size_t{1} << 40;
  for (std::size_t i = 1; i <= 1000; ++i) EXPECT_TRUE(seen.insert(i * stride)) << i;
  for (std::size_t i = 1; i <= 1000; ++i) EXPECT_FALSE(seen.insert(i * stride)) << i;
}

TEST(seen_hashes, take_the_hash_that_marks_a_free_place) {
  seen_hashes seen;
  EXPECT_TRUE(seen.insert(0));
  EXPECT_FALSE(seen.insert(0));
  EXPECT_TRUE(seen.insert(~std::size_t{0}));
  EXPECT_FALSE(seen.insert(~std::size_t{0}));
}

}  // namespace
}  // namespace ff
