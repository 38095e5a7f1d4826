// SPDX-License-Identifier: Apache-2.0
//
// How late each item is promoted. The server itself is asked: MONITOR gives the moment at which it began
// each call, with the item among its arguments.
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <random>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <unordered_map>

#include "bench/measure.hpp"
#include "bench/raw_client.hpp"
#include "bench/statistics.hpp"
#include "bench/workload.hpp"

namespace scanhost::bench {
namespace {

constexpr std::int64_t lead_ms = 4000;  // for the host to start and see every partition once

// The argument `index` (from 0) of a MONITOR line: `1700000000.123456 [0 unix:...] "FCALL" "..." ...`.
std::string_view monitored_argument(std::string_view line, int index) {
  std::size_t begin = 0;
  for (int quote = 0; quote <= 2 * index; ++quote) begin = line.find('"', begin) + 1;
  return line.substr(begin, line.find('"', begin) - begin);
}

class lateness_watch {
 public:
  void expect(const std::string& id, std::int64_t due_ms) { due_ms_.emplace(id, due_ms); }
  std::size_t waiting() const { return due_ms_.size() - late_ms_.size(); }

  void take(std::string_view line) {
    if (line.find("\"FCALL\" \"ff_promote_delayed\"") == std::string_view::npos) return;
    const auto due = due_ms_.find(std::string(monitored_argument(line, 6)));
    if (due == due_ms_.end()) throw std::runtime_error("a call for an item that was not seeded");
    const double at_ms = std::strtod(std::string(line.substr(0, line.find(' '))).c_str(), nullptr) * 1000;
    late_ms_.push_back(at_ms - static_cast<double>(due->second));
  }

  lateness_figures figures() const {
    return {median(late_ms_), percentile(late_ms_, 0.99), percentile(late_ms_, 1)};
  }

 private:
  std::unordered_map<std::string, std::int64_t> due_ms_;
  std::vector<double> late_ms_;
};

}  // namespace

lateness_figures measure_lateness(const place& where, std::size_t items, double seconds) {
  raw_client client(where.socket_path);
  client.call({"FLUSHALL"});
  const auto now = client.time_ms();
  std::mt19937_64 random(20'260'101);
  std::uniform_int_distribution<std::int64_t> moment(0, static_cast<std::int64_t>(seconds * 1000));
  lateness_watch watch;
  std::vector<std::int64_t> due;
  for (std::size_t i = 0; i < items; ++i) {
    due.push_back(now + lead_ms + moment(random));
    watch.expect(execution_id(i), due.back());
  }
  seed_delayed(client, items, now, [&](std::size_t i) { return due[i]; });

  raw_client monitor(where.socket_path);
  monitor.call({"MONITOR"});
  const host_config config(where.host, where.socket_path, {{"delayed_promoter", ""}});
  host_service host(where.host, config);
  while (watch.waiting() > 0) {
    const auto line = monitor.read();
    watch.take({line->str, line->len});
  }
  host.stop();
  return watch.figures();
}

}  // namespace scanhost::bench
