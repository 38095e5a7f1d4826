// SPDX-License-Identifier: Apache-2.0
//
// How late each known item is promoted, as the server sees it: MONITOR gives the moment at which it
// began each call, with the item among its arguments. It also shows which items count: an item is known if
// it was in the index at a scan of its partition before it came due.
#include <chrono>
#include <random>
#include <stdexcept>
#include <string_view>
#include <unordered_map>

#include "bench/command_stream.hpp"
#include "bench/measure.hpp"
#include "bench/raw_client.hpp"
#include "bench/statistics.hpp"
#include "bench/workload.hpp"

namespace scanhost::bench {
namespace {

// From before the seeding to the first due moment: the seeding, and a cycle of delayed_promoter (750 ms)
// more than once. An item that is still unknown when it comes due does not count.
constexpr std::int64_t lead_ms = 4000;

// A working host sends something in every cycle and promotes an item long before this.
constexpr std::chrono::seconds lateness_patience{30};

class lateness_watch {
 public:
  lateness_watch() {
    for (std::size_t i = 0; i < flow_partitions; ++i) partitions_.emplace(lane_key(i, "delayed"), state{});
  }

  void expect(const std::string& id, std::int64_t due_ms) { items_.emplace(id, item{due_ms}); }
  bool has_scanned_all() const { return scanned_ == flow_partitions; }
  bool has_all() const { return promoted_ == items_.size(); }

  void take(const monitored& asked) {
    if (asked.of_script) return;
    const auto& args = asked.args;
    if (args[0] == "ZADD") partitions_.at(args[1]).unscanned.push_back(args[3]);
    if (args[0] == "ZRANGEBYSCORE") scan(args[1], asked.at_ms);
    if (args[0] == "FCALL" && args[1] == "ff_promote_delayed") promote(args.at(6), asked.at_ms);
  }

  lateness_figures figures() const {
    if (late_ms_.size() < items_.size() / 2)
      throw std::runtime_error("the machine is too slow: most items came due before a scan had seen them");
    return {late_ms_.size(), median(late_ms_), percentile(late_ms_, 0.99), percentile(late_ms_, 1)};
  }

 private:
  struct item {
    std::int64_t due_ms = 0;
    bool known = false;
    bool promoted = false;
  };
  struct state {
    bool scanned = false;
    std::vector<std::string> unscanned;  // what was added since the last scan
  };

  void scan(const std::string& index, double at_ms) {
    const auto found = partitions_.find(index);
    if (found == partitions_.end()) return;
    auto& partition = found->second;
    if (!partition.scanned) ++scanned_;
    partition.scanned = true;
    for (const auto& id : partition.unscanned) {
      auto& waiting = items_.at(id);
      waiting.known = at_ms < static_cast<double>(waiting.due_ms);
    }
    partition.unscanned.clear();
  }

  void promote(const std::string& id, double at_ms) {
    auto& waiting = items_.at(id);
    if (waiting.promoted) throw std::runtime_error("an item was promoted twice");
    waiting.promoted = true;
    ++promoted_;
    if (waiting.known) late_ms_.push_back(at_ms - static_cast<double>(waiting.due_ms));
  }

  std::unordered_map<std::string, item> items_;
  std::unordered_map<std::string, state> partitions_;
  std::size_t scanned_ = 0;
  std::size_t promoted_ = 0;
  std::vector<double> late_ms_;
};

reply_ptr next_line(raw_client& monitor) try {
  return monitor.read();
} catch (const std::runtime_error& problem) {
  throw std::runtime_error(
      std::string("lateness: the host no longer sends anything, so it has ended or hangs: ") +
      problem.what());
}

// Reads what MONITOR shows until the condition holds. Throws if it does not in time: the host ended or left
// work undone.
template <class Condition>
void read_until(raw_client& monitor, lateness_watch& watch, std::chrono::steady_clock::time_point deadline,
                const char* what, Condition holds) {
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline)
      throw std::runtime_error(std::string("lateness: the host did not ") + what + " in time");
    const auto line = next_line(monitor);
    watch.take(parse_monitor_line({line->str, line->len}));
  }
}

void seed(raw_client& client, lateness_watch& watch, std::size_t items, double seconds) {
  const auto now = client.time_ms();
  std::mt19937_64 random(20'260'101);
  std::uniform_int_distribution<std::int64_t> moment(0, static_cast<std::int64_t>(seconds * 1000));
  std::vector<std::int64_t> due;
  for (std::size_t i = 0; i < items; ++i) {
    due.push_back(now + lead_ms + moment(random));
    watch.expect(execution_id(i), due.back());
  }
  seed_delayed(client, items, now, [&](std::size_t i) { return due[i]; });
}

}  // namespace

lateness_figures measure_lateness(const place& where, std::size_t items, double seconds) {
  raw_client client(where.socket_path);
  client.call({"FLUSHALL"});
  raw_client monitor(where.socket_path, lateness_patience);
  monitor.call({"MONITOR"});
  const host_config config(where.host, where.url, {{"delayed_promoter", ""}});
  host_service host(where.host, config);
  lateness_watch watch;
  const auto started = std::chrono::steady_clock::now();
  read_until(monitor, watch, started + lateness_patience, "scan all partitions",
             [&] { return watch.has_scanned_all(); });
  seed(client, watch, items, seconds);
  const auto due =
      std::chrono::steady_clock::now() + std::chrono::milliseconds(lead_ms) +
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::duration<double>(seconds));
  read_until(monitor, watch, due + lateness_patience, "promote all items", [&] { return watch.has_all(); });
  host.stop();
  return watch.figures();
}

}  // namespace scanhost::bench
