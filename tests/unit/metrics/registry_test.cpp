// SPDX-License-Identifier: Apache-2.0
//
// Series, their exposition, and what the registry refuses.
#include "metrics/registry.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <stdexcept>
#include <thread>

namespace scanhost::metrics {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(registry, writes_help_type_and_value) {
  registry metrics;
  metrics.counter("scanhost_processed_total", "Items acted on.", {{"scanner", "one"}}).add(3);
  EXPECT_EQ(metrics.text(),
            "# HELP scanhost_processed_total Items acted on.\n# TYPE scanhost_processed_total counter\n"
            "scanhost_processed_total{scanner=\"one\"} 3\n");
}

TEST(registry, gives_the_same_series_for_the_same_name_and_labels) {
  registry metrics;
  metrics.counter("a_total", "A.", {{"x", "1"}}).add();
  metrics.counter("a_total", "Another help text.", {{"x", "1"}}).add(2);
  EXPECT_EQ(metrics.counter("a_total", "A.", {{"x", "1"}}).value(), 3);
  EXPECT_EQ(metrics.counter("a_total", "A.", {{"x", "2"}}).value(), 0);
}

TEST(registry, writes_the_metrics_of_the_host_as_listed) {
  registry metrics;
  metrics.gauge(names::backoff_items, {{"scanner", "s"}}).set(2);
  EXPECT_EQ(metrics.text(),
            "# HELP scanhost_backoff_items Items in back-off because they kept failing.\n"
            "# TYPE scanhost_backoff_items gauge\nscanhost_backoff_items{scanner=\"s\"} 2\n");
}

TEST(registry, refuses_a_metric_of_the_host_with_another_kind_or_other_labels) {
  registry metrics;
  EXPECT_THROW(metrics.counter(names::backoff_items, {{"scanner", "s"}}), std::invalid_argument);
  EXPECT_THROW(metrics.counter(names::reloads, {{"scanner", "s"}}), std::invalid_argument);
  EXPECT_NO_THROW(metrics.counter(names::reloads, {{"scanner", "s"}, {"outcome", "refused"}}));
}

TEST(registry, keeps_the_last_value_of_a_gauge) {
  registry metrics;
  auto depth = metrics.gauge("depth", "D.", {});
  depth.set(7);
  depth.set(-2.5);
  EXPECT_EQ(depth.value(), -2.5);
  EXPECT_THAT(metrics.text(), HasSubstr("\ndepth -2.5\n"));
}

TEST(registry, counts_observations_into_buckets) {
  registry metrics;
  auto took = metrics.histogram("took_seconds", "T.", {{"scanner", "one"}}, {0.1, 1});
  took.observe(0.05);
  took.observe(0.5);
  took.observe(5);
  const auto text = metrics.text();
  EXPECT_THAT(text, HasSubstr("took_seconds_bucket{scanner=\"one\",le=\"0.1\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("took_seconds_bucket{scanner=\"one\",le=\"1\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("took_seconds_bucket{scanner=\"one\",le=\"+Inf\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("took_seconds_count{scanner=\"one\"} 3\n"));
}

TEST(registry, gives_the_count_of_each_bucket_alone) {
  registry metrics;
  auto took = metrics.histogram("took_seconds", "T.", {}, {0.1, 1});
  for (const double value : {0.05, 0.5, 0.6, 5.0}) took.observe(value);
  EXPECT_THAT(took.bucket_counts(), testing::ElementsAre(1, 2, 1));
  EXPECT_THAT(histogram().bucket_counts(), testing::IsEmpty());
}

TEST(registry, never_counts_down_or_to_a_value_that_is_not_finite) {
  registry metrics;
  auto total = metrics.counter("a_total", "A.", {});
  total.add(2);
  total.add(-1);
  total.add(std::nan(""));
  total.add(std::numeric_limits<double>::infinity());
  EXPECT_EQ(total.value(), 2);
}

TEST(registry, ignores_calls_of_a_handle_without_a_series) {
  counter total;
  total.add();
  gauge depth;
  depth.set(1);
  histogram took;
  took.observe(1);
  EXPECT_EQ(total.value() + depth.value(), 0);
}

TEST(registry, refuses_names_and_labels_that_are_not_valid) {
  registry metrics;
  EXPECT_THROW(metrics.counter("a-b", "A.", {}), std::invalid_argument);
  EXPECT_THROW(metrics.gauge("", "A.", {}), std::invalid_argument);
  EXPECT_THROW(metrics.counter("a_total", "A.", {{"__x", "1"}}), std::invalid_argument);
  EXPECT_THROW(metrics.counter("a_total", "A.", {{"x", "\xff"}}), std::invalid_argument);
  EXPECT_THROW(metrics.histogram("h", "A.", {{"le", "1"}}, {1}), std::invalid_argument);
  EXPECT_EQ(metrics.text(), "");
}

TEST(registry, refuses_a_name_that_is_of_another_kind_already) {
  registry metrics;
  metrics.counter("a", "A.", {});
  EXPECT_THROW(metrics.gauge("a", "A.", {}), std::invalid_argument);
  EXPECT_THROW(metrics.histogram("a", "A.", {}, {1}), std::invalid_argument);
}

TEST(registry, refuses_a_name_whose_lines_a_histogram_writes) {
  registry metrics;
  metrics.histogram("took", "T.", {}, {1});
  EXPECT_THROW(metrics.counter("took_count", "T.", {}), std::invalid_argument);
  metrics.counter("other_sum", "O.", {});
  EXPECT_THROW(metrics.histogram("other", "O.", {}, {1}), std::invalid_argument);
}

TEST(registry, refuses_bounds_that_do_not_ascend) {
  registry metrics;
  EXPECT_THROW(metrics.histogram("h", "H.", {}, {1, 1}), std::invalid_argument);
  EXPECT_THROW(metrics.histogram("h", "H.", {}, {2, 1}), std::invalid_argument);
  EXPECT_THROW(metrics.histogram("h", "H.", {}, {1, std::numeric_limits<double>::infinity()}),
               std::invalid_argument);
}

TEST(registry, has_bounds_for_cycles_and_for_lateness) {
  EXPECT_EQ(duration_bounds().front(), 0.0001);
  EXPECT_EQ(duration_bounds().back(), 60);
  EXPECT_EQ(lateness_bounds().front(), 0.001);
  EXPECT_EQ(lateness_bounds().back(), 600);
  EXPECT_TRUE(std::is_sorted(duration_bounds().begin(), duration_bounds().end()));
  EXPECT_TRUE(std::is_sorted(lateness_bounds().begin(), lateness_bounds().end()));
}

TEST(registry, counts_from_many_threads) {
  registry metrics;
  std::vector<std::thread> threads;
  for (int number = 0; number < 4; ++number)
    threads.emplace_back([&metrics, number] {
      for (int times = 0; times < 500; ++times) {
        metrics.counter("a_total", "A.", {{"x", std::to_string(times % 5)}}).add();
        metrics.histogram("h_seconds", "H.", {{"x", std::to_string(number)}}, duration_bounds()).observe(0.1);
        if (times % 50 == 0) metrics.text();
      }
    });
  for (auto& thread : threads) thread.join();
  double sum = 0;
  for (int which = 0; which < 5; ++which)
    sum += metrics.counter("a_total", "A.", {{"x", std::to_string(which)}}).value();
  EXPECT_EQ(sum, 2000);
}

TEST(registry, writes_what_promtool_accepts) {
  if (std::system("command -v promtool >/dev/null 2>&1") != 0) GTEST_SKIP() << "promtool is not installed";
  registry metrics;
  metrics.counter("scanhost_processed_total", "Items\nacted \\ on.", {{"scanner", "a\"b\\c\nd"}}).add(3);
  metrics.gauge("scanhost_generation", "Generation.", {{"scanner", "one"}}).set(1);
  metrics.histogram("scanhost_lateness_seconds", "Lateness.", {{"scanner", "one"}}, lateness_bounds())
      .observe(0.2);
  const auto file =
      std::filesystem::temp_directory_path() / ("scanhost-metrics-" + std::to_string(::getpid()));
  std::ofstream(file) << metrics.text();
  const auto command = "promtool check metrics <'" + file.string() + "'";
  EXPECT_EQ(std::system(command.c_str()), 0);
  std::filesystem::remove(file);
}

TEST(registry, ends_a_series_that_all_have_released) {
  registry metrics;
  const auto first = metrics.gauge("depth", "D.", {{"x", "1"}});
  const auto second = metrics.gauge("depth", "D.", {{"x", "1"}});
  metrics.gauge("depth", "D.", {{"x", "2"}});
  metrics.release(first);
  EXPECT_THAT(metrics.text(), HasSubstr("depth{x=\"1\"}"));
  metrics.release(second);
  EXPECT_THAT(metrics.text(), Not(HasSubstr("depth{x=\"1\"}")));
  EXPECT_THAT(metrics.text(), HasSubstr("depth{x=\"2\"}"));
}

TEST(registry, writes_nothing_of_a_metric_without_series) {
  registry metrics;
  metrics.release(metrics.counter("a_total", "A.", {}));
  metrics.release(metrics.histogram("b_seconds", "B.", {}, {1}));
  EXPECT_EQ(metrics.text(), "");
}

TEST(registry, ignores_the_release_of_a_handle_that_is_none) {
  registry metrics;
  metrics.release(counter());
  metrics.release(gauge());
  metrics.release(histogram());
}

TEST(registry, observes_a_value_as_often_as_asked) {
  registry metrics;
  auto waits = metrics.histogram("wait_seconds", "W.", {}, {1, 2});
  waits.observe(1.5, 3);
  waits.observe(1, 2);
  waits.observe(9, 4);
  waits.observe(0.5, 0);
  const auto text = metrics.text();
  EXPECT_THAT(text, HasSubstr("wait_seconds_count 9\n"));
  EXPECT_THAT(text, HasSubstr("wait_seconds_sum 42.5\n"));
  EXPECT_THAT(text, HasSubstr("wait_seconds_bucket{le=\"1\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("wait_seconds_bucket{le=\"2\"} 5\n"));
}

}  // namespace
}  // namespace scanhost::metrics
