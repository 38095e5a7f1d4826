// SPDX-License-Identifier: Apache-2.0
#include "metrics/process_metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <string>

namespace scanhost::metrics {
namespace {

double value_of(const std::string& text, const std::string& name) {
  const auto at = text.find("\n" + name + " ");
  return at == std::string::npos ? -1 : std::stod(text.substr(at + name.size() + 2));
}

TEST(process_usage, is_that_of_this_process) {
  const auto usage = read_process_usage();
  EXPECT_GT(usage.cpu_seconds, 0);
  EXPECT_GT(usage.resident_bytes, 1u << 20);
  EXPECT_GT(usage.virtual_bytes, usage.resident_bytes);
  EXPECT_GT(usage.max_fds, usage.open_fds);
  EXPECT_GE(usage.threads, 1u);
}

TEST(process_usage, counts_an_open_file) {
  const auto before = read_process_usage().open_fds;
  const std::ifstream file("/proc/self/stat");
  EXPECT_EQ(read_process_usage().open_fds, before + 1);
}

TEST(process_metrics, have_the_names_of_every_exporter) {
  registry registry;
  process_metrics subject(registry);
  subject.refresh();
  const auto text = registry.text();
  for (const char* name :
       {"process_cpu_seconds_total", "process_resident_memory_bytes", "process_virtual_memory_bytes",
        "process_open_fds", "process_max_fds", "process_threads"})
    EXPECT_GT(value_of(text, name), 0) << name;
}

TEST(process_metrics, know_when_the_process_started) {
  registry registry;
  process_metrics subject(registry);
  const auto now = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  const auto started = value_of(registry.text(), "process_start_time_seconds");
  EXPECT_LE(started, now + 1);
  EXPECT_GT(started, now - 600);
}

TEST(process_metrics, count_the_time_on_a_processor_up) {
  registry registry;
  process_metrics subject(registry);
  subject.refresh();
  const auto before = value_of(registry.text(), "process_cpu_seconds_total");
  while (read_process_usage().cpu_seconds < before + 0.01) {
  }
  subject.refresh();
  EXPECT_GT(value_of(registry.text(), "process_cpu_seconds_total"), before);
}

}  // namespace
}  // namespace scanhost::metrics
