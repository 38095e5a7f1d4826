// SPDX-License-Identifier: Apache-2.0
#include "runner/generation/cycle.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "unit/runner/start_time.hpp"

namespace scanhost::runner {
namespace {

using namespace std::chrono_literals;

scan_outcome handled(std::uint64_t processed) {
  scan_outcome outcome;
  outcome.counts.processed = processed;
  return outcome;
}
scan_outcome sampled(std::uint64_t backlog) {
  scan_outcome outcome;
  outcome.backlog = backlog;
  return outcome;
}

TEST(cycle, visits_the_partitions_in_order) {
  cycle current_cycle(2, t0);
  EXPECT_EQ(current_cycle.next(), 0u);
  current_cycle.begin_next();
  EXPECT_EQ(current_cycle.next(), 1u);
  current_cycle.begin_next();
  EXPECT_FALSE(current_cycle.next());
}

TEST(cycle, is_done_when_every_partition_is_finished) {
  cycle current_cycle(2, t0);
  current_cycle.finish(1, handled(1));
  EXPECT_FALSE(current_cycle.done());
  EXPECT_TRUE(current_cycle.has_finished(1));
  EXPECT_FALSE(current_cycle.has_finished(0));
  current_cycle.finish(0, handled(1));
  EXPECT_TRUE(current_cycle.done());
}

TEST(cycle, counts_a_partition_once) {
  cycle current_cycle(2, t0);
  current_cycle.finish(0, handled(1));
  current_cycle.finish(0, handled(1));
  EXPECT_FALSE(current_cycle.done());
  EXPECT_EQ(current_cycle.report(t0).counts.processed, 1u);
}

TEST(cycle, sums_what_the_scans_bring_home) {
  cycle current_cycle(2, t0);
  current_cycle.finish(0, {{5, 1, 2, 3}, {}, {}});
  current_cycle.finish(1, {{10, 2, 4, 6}, {}, {}});
  const auto sum = current_cycle.report(t0 + 3ms);
  EXPECT_EQ(sum.counts.processed, 15u);
  EXPECT_EQ(sum.counts.unchanged, 3u);
  EXPECT_EQ(sum.counts.errors, 6u);
  EXPECT_EQ(sum.counts.skipped, 9u);
  EXPECT_EQ(sum.elapsed, 3ms);
}

TEST(cycle, stays_at_the_highest_count_instead_of_wrapping) {
  constexpr auto max_count = std::numeric_limits<std::uint64_t>::max();
  cycle current_cycle(2, t0);
  current_cycle.finish(0, handled(max_count));
  current_cycle.finish(1, handled(5));
  EXPECT_EQ(current_cycle.report(t0).counts.processed, max_count);
}

TEST(cycle, counts_a_failed_scan_as_one_error) {
  cycle current_cycle(1, t0);
  current_cycle.finish(0, failed_scan());
  EXPECT_EQ(current_cycle.report(t0).counts.errors, 1u);
  EXPECT_EQ(current_cycle.report(t0).counts.processed, 0u);
}

TEST(cycle, reports_the_backlog_when_every_partition_gave_a_sample) {
  cycle current_cycle(2, t0);
  current_cycle.finish(0, sampled(3));
  current_cycle.finish(1, sampled(0));
  EXPECT_EQ(current_cycle.report(t0).backlog, 3u);
}

TEST(cycle, reports_no_backlog_when_the_first_partition_gave_no_sample) {
  cycle current_cycle(2, t0);
  current_cycle.finish(0, failed_scan());
  current_cycle.finish(1, sampled(3));
  EXPECT_FALSE(current_cycle.report(t0).backlog);
}

TEST(cycle, reports_no_backlog_when_the_last_partition_gave_no_sample) {
  cycle current_cycle(2, t0);
  current_cycle.finish(0, sampled(3));
  current_cycle.finish(1, handled(1));
  EXPECT_FALSE(current_cycle.report(t0).backlog);
}

TEST(cycle, tells_a_partial_sample_from_none) {
  cycle current_cycle(2, t0);
  current_cycle.finish(0, handled(1));
  EXPECT_FALSE(current_cycle.partly_sampled());
  current_cycle.finish(1, sampled(3));
  EXPECT_TRUE(current_cycle.partly_sampled());
}

TEST(cycle, knows_the_oldest_candidate_that_still_waits) {
  cycle current_cycle(3, t0);
  current_cycle.finish(0, {{}, {}, base::timestamp(500ms)});
  current_cycle.finish(1, {{}, {}, base::timestamp(300ms)});
  current_cycle.finish(2, handled(1));
  EXPECT_EQ(current_cycle.oldest_due({}), base::timestamp(300ms));
}

TEST(cycle, knows_of_no_waiting_candidate_when_there_is_none) {
  cycle current_cycle(1, t0);
  current_cycle.finish(0, handled(1));
  EXPECT_FALSE(current_cycle.oldest_due({}));
}

TEST(cycle, may_know_its_partitions_only_after_it_began) {
  cycle current_cycle(0, t0);
  current_cycle.add({.errors = 1});
  current_cycle.set_partitions(2);
  EXPECT_FALSE(current_cycle.done());
  EXPECT_EQ(current_cycle.next(), 0u);
  current_cycle.finish(0, handled(1));
  current_cycle.finish(1, handled(1));
  EXPECT_TRUE(current_cycle.done());
  EXPECT_EQ(current_cycle.report(t0).counts, (item_counts{2, 0, 1, 0}));
}

TEST(cycle, is_done_at_once_without_partitions) {
  cycle current_cycle(2, t0);
  current_cycle.set_partitions(0);
  EXPECT_FALSE(current_cycle.next());
  EXPECT_TRUE(current_cycle.done());
  EXPECT_FALSE(current_cycle.report(t0).backlog);
}

TEST(cycle, keeps_what_was_due_before_where_a_scan_could_not_look) {
  const base::timestamp before(1s), later(2s);
  cycle unseen(2, t0);
  unseen.finish(0, failed_scan());
  EXPECT_EQ(unseen.oldest_due(before), before);
  EXPECT_EQ(unseen.oldest_due({}), std::nullopt);
  scan_outcome waiting;
  waiting.oldest_due = later;
  unseen.finish(1, waiting);
  EXPECT_EQ(unseen.oldest_due(before), before);
  EXPECT_EQ(unseen.oldest_due({}), later);
}

TEST(cycle, forgets_what_was_due_before_when_every_scan_has_looked) {
  cycle complete(1, t0);
  complete.finish(0, handled(1));
  EXPECT_EQ(complete.oldest_due(base::timestamp(1s)), std::nullopt);
}

}  // namespace
}  // namespace scanhost::runner
