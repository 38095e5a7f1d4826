// SPDX-License-Identifier: Apache-2.0
#include "metrics/process_metrics.hpp"

#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>

#include "base/non_blocking_output.hpp"

namespace scanhost::metrics {

namespace {

double cpu_seconds() {
  timespec spent{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
  return static_cast<double>(spent.tv_sec) + static_cast<double>(spent.tv_nsec) / 1e9;
}

// In seconds since the epoch: the wall clock less the age of the process.
double start_time() {
  std::ifstream stat("/proc/self/stat");
  const std::string line{std::istreambuf_iterator<char>(stat), {}};
  const auto end_of_name = line.rfind(')');
  if (end_of_name == std::string::npos) return 0;
  constexpr int fields_between = 19;  // from the state, field 3, to the start time, field 22
  auto at = end_of_name + 1;
  for (int i = 0; i < fields_between && at != std::string::npos; ++i) at = line.find(' ', at + 1);
  if (at == std::string::npos) return 0;
  const auto ticks = std::stod(line.substr(at));
  timespec wall{}, uptime{};
  ::clock_gettime(CLOCK_REALTIME, &wall);
  ::clock_gettime(CLOCK_BOOTTIME, &uptime);
  return static_cast<double>(wall.tv_sec - uptime.tv_sec) +
         ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

std::uint64_t count_entries(const char* folder) {
  std::error_code problem;
  const std::filesystem::directory_iterator entries(folder, problem);
  return problem ? 0 : static_cast<std::uint64_t>(std::distance(begin(entries), end(entries)));
}

std::uint64_t max_fds() {
  rlimit limit{};
  return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : 0;
}

}  // namespace

process_usage read_process_usage() {
  process_usage usage;
  usage.cpu_seconds = cpu_seconds();
  const auto page_size = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  std::ifstream("/proc/self/statm") >> usage.virtual_bytes >> usage.resident_bytes;
  usage.virtual_bytes *= page_size;
  usage.resident_bytes *= page_size;
  usage.open_fds = count_entries("/proc/self/fd");
  usage.max_fds = max_fds();
  usage.threads = count_entries("/proc/self/task");
  return usage;
}

process_metrics::process_metrics(registry& registry)
    : cpu_(registry.counter(names::process_cpu, {})),
      resident_(registry.gauge(names::process_resident_memory, {})),
      virtual_(registry.gauge(names::process_virtual_memory, {})),
      open_fds_(registry.gauge(names::process_open_fds, {})),
      max_fds_(registry.gauge(names::process_max_fds, {})),
      threads_(registry.gauge(names::process_threads, {})),
      dropped_log_lines_(registry.counter(names::dropped_log_lines, {})) {
  registry.gauge(names::process_start_time, {}).set(start_time());
}

void process_metrics::refresh() {
  const auto usage = read_process_usage();
  cpu_.add(usage.cpu_seconds - cpu_.value());
  resident_.set(static_cast<double>(usage.resident_bytes));
  virtual_.set(static_cast<double>(usage.virtual_bytes));
  open_fds_.set(static_cast<double>(usage.open_fds));
  max_fds_.set(static_cast<double>(usage.max_fds));
  threads_.set(static_cast<double>(usage.threads));
  dropped_log_lines_.add(static_cast<double>(base::standard_error().dropped()) - dropped_log_lines_.value());
}

}  // namespace scanhost::metrics
