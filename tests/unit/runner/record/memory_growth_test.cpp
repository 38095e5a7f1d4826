// SPDX-License-Identifier: Apache-2.0
//
// What is a leak, and what is not.
#include "runner/record/memory_growth.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>

namespace scanhost::runner {
namespace {

constexpr std::int64_t mebibyte = 1 << 20;
constexpr std::int64_t at_rest = 13 * mebibyte;

// A scanner with a cycle every 1.5 s.
class scanner_memory {
 public:
  // The memory in use after each of so many cycles, and their work.
  using curve = std::function<std::int64_t(int cycle)>;

  // The number of the first cycle after which it grows steadily; 0: it never does.
  int run(int cycles, const curve& bytes, const std::function<std::uint64_t(int)>& work = constant_work) {
    int first = 0;
    for (int cycle = 1; cycle <= cycles; ++cycle) {
      now_ += interval;
      growth.add({now_, bytes(cycle), work(cycle)});
      if (growth.current() && first == 0) first = cycle;
    }
    return first;
  }

  base::milliseconds interval{1500};
  memory_growth growth;

 private:
  static std::uint64_t constant_work(int) { return 100; }
  base::steady_time now_{};
};

std::int64_t leak(int cycle) { return at_rest + cycle * mebibyte; }
std::int64_t rest(int) { return at_rest; }

TEST(memory_growth, finds_a_leak_of_a_mebibyte_a_cycle_within_a_minute) {
  scanner_memory scanner;
  const auto found = scanner.run(40, leak);
  EXPECT_GT(found, 0);
  EXPECT_LE(found, 40);
}

TEST(memory_growth, has_the_figures_of_the_growth) {
  scanner_memory scanner;
  scanner.run(40, leak);
  ASSERT_TRUE(scanner.growth.current());
  const auto& found = *scanner.growth.current();
  EXPECT_EQ(found.bytes_per_cycle(), mebibyte);
  EXPECT_EQ(found.cycles, 39u);
  EXPECT_EQ(found.bytes, 39 * mebibyte);
  EXPECT_EQ(found.span, base::milliseconds(39 * 1500));
}

TEST(memory_growth, finds_a_leak_of_fast_cycles_within_a_minute) {
  scanner_memory scanner;
  scanner.interval = base::milliseconds(100);
  const auto found = scanner.run(600, leak);
  EXPECT_GT(found, 0);
  EXPECT_LE(found, 400);
}

TEST(memory_growth, finds_a_slow_leak) {
  scanner_memory scanner;
  EXPECT_GT(scanner.run(20'000, [](int cycle) { return at_rest + cycle * 4096; }), 0);
}

TEST(memory_growth, finds_a_leak_that_begins_late) {
  scanner_memory scanner;
  EXPECT_EQ(scanner.run(5000, rest), 0);
  EXPECT_GT(scanner.run(2000, leak), 0);
}

TEST(memory_growth, finds_a_leak_below_a_noise_that_is_larger) {
  scanner_memory scanner;
  EXPECT_GT(scanner.run(200, [](int cycle) { return leak(cycle) + cycle % 3 * mebibyte; }), 0);
}

TEST(memory_growth, is_silent_when_nothing_grows) {
  scanner_memory scanner;
  EXPECT_EQ(scanner.run(5000, rest), 0);
}

TEST(memory_growth, is_silent_about_a_cache_that_fills_up_and_stays) {
  scanner_memory scanner;
  EXPECT_EQ(scanner.run(5000,
                        [](int cycle) {
                          return at_rest +
                                 static_cast<std::int64_t>(100.0 * mebibyte * (1 - std::exp(-cycle / 8.0)));
                        }),
            0);
}

TEST(memory_growth, is_silent_about_a_table_that_doubles) {
  scanner_memory scanner;
  EXPECT_EQ(
      scanner.run(1000,
                  [](int cycle) { return at_rest + (std::int64_t{64} << 10 << std::min(cycle / 10, 10)); }),
      0);
}

TEST(memory_growth, is_silent_about_a_backlog_that_comes_and_goes) {
  const auto backlog = [](int cycle) { return std::max(0, 100 - std::abs(cycle % 300 - 100)); };
  scanner_memory scanner;
  EXPECT_EQ(scanner.run(
                3000, [&](int cycle) { return at_rest + backlog(cycle) * mebibyte / 2; },
                [&](int cycle) { return static_cast<std::uint64_t>(backlog(cycle)) * 1000; }),
            0);
}

TEST(memory_growth, is_silent_about_a_saw_tooth) {
  for (const int period : {5, 12, 20}) {
    scanner_memory scanner;
    EXPECT_EQ(scanner.run(3000, [&](int cycle) { return at_rest + cycle % period * mebibyte; }), 0) << period;
  }
}

TEST(memory_growth, learns_how_high_a_large_saw_tooth_goes) {
  scanner_memory scanner;
  const auto tooth = [](int cycle) { return at_rest + cycle % 100 * mebibyte; };
  scanner.run(100, tooth);
  EXPECT_FALSE(scanner.growth.current());
  EXPECT_EQ(scanner.run(3000, tooth), 0);
}

TEST(memory_growth, ends_when_the_memory_stays) {
  scanner_memory scanner;
  scanner.run(60, leak);
  ASSERT_TRUE(scanner.growth.current());
  scanner.run(60, [](int) { return leak(60); });
  EXPECT_FALSE(scanner.growth.current());
}

TEST(memory_growth, ends_when_the_memory_is_given_back) {
  scanner_memory scanner;
  scanner.run(60, leak);
  ASSERT_TRUE(scanner.growth.current());
  scanner.run(1, rest);
  EXPECT_FALSE(scanner.growth.current());
}

TEST(memory_growth, goes_on_from_a_rest) {
  scanner_memory scanner;
  scanner.run(60, leak);
  scanner.run(60, [](int) { return leak(60); });
  EXPECT_GT(scanner.run(60, [](int cycle) { return leak(60 + cycle); }), 0);
}

TEST(memory_growth, does_not_blame_a_new_build_for_a_cache_as_large_as_that_of_the_one_before) {
  scanner_memory scanner;
  scanner.run(100, [](int) { return at_rest + 64 * mebibyte; });
  scanner.growth.begin_generation();
  EXPECT_EQ(scanner.run(60, leak), 0);
}

TEST(memory_growth, blames_a_new_build_whose_predecessor_grew_as_well) {
  scanner_memory scanner;
  scanner.run(100, leak);
  scanner.growth.begin_generation();
  EXPECT_GT(scanner.run(60, leak), 0);
}

TEST(memory_growth, counts_the_cycles_in_a_row_with_a_clear_rise) {
  scanner_memory scanner;
  scanner.run(4, leak);
  EXPECT_EQ(scanner.growth.rises(), 3u);
  scanner.run(1, [](int) { return leak(4) + 1000; });
  EXPECT_EQ(scanner.growth.rises(), 0u);
}

}  // namespace
}  // namespace scanhost::runner
