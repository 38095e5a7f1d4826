// SPDX-License-Identifier: Apache-2.0
//
// What another client of the server feels while the host drains a backlog. It sends short requests at half
// of the rate that the server managed with nothing else to do, each at its planned moment: a request behind
// a late one counts from the moment at which it should have left.
//
// Server, client and scanners share one core, and the scanners get what the others leave. For what is
// measured is how long the server keeps the client waiting, as if the host had a machine of its own: on
// another core it would slow the server without a single command, since two cores are often threads of one.
// What measures latencies, here and in the host, has another core if there is one, and asks when it is time.
//
// With the loop the host is stopped and continued every few seconds, so that the client alone and the client
// beside the host are measured side by side, over the same records.
#include <fmt/format.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>

#include "bench/cores.hpp"
#include "bench/measure.hpp"
#include "bench/raw_client.hpp"
#include "bench/statistics.hpp"
#include "bench/workload.hpp"
#include "support/private_server.hpp"

namespace scanhost::bench {
namespace {

using clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

// A call of the client, as services make them: some 14 us of the server's time, of which the client needs
// little.
constexpr const char* call =
    "local n = 0 for i = 1, 50 do n = n + #(redis.call('HGET', KEYS[1], 'field') or '') end "
    "redis.call('HSET', KEYS[1], 'field', ARGV[1]) return n";
constexpr std::size_t calls_per_request = 32;  // so long that the way to the server hardly counts
constexpr std::size_t hot_keys = 1000;
constexpr std::size_t calibration_depth = 4;  // requests that are under way, so that the server never waits
constexpr auto calibration = 3s;
constexpr auto rest = 10s;                 // what the target is measured in
constexpr auto slice = 10s;                // of the drain with the loop
constexpr auto pause = 3s;                 // between two, shorter than the host's timeouts
constexpr auto look_period = 1s;           // at what is left
constexpr auto probe_period = 5ms;         // as the host's own
constexpr double probe_quantile = 0.97;    // as the host's own
constexpr double margin = 1.1;             // of the target above what TIME takes beside the client alone
constexpr int max_commands_per_s = 8'000;  // a reserve: the latency hardly rises before the server is full

// As long as it exists, this thread and what it starts run on one core.
class core_plan {
 public:
  core_plan() {
    if (sched_getaffinity(0, sizeof before_, &before_) != 0)
      throw std::runtime_error("cannot read the affinity");
    run_on(cores_.first);
  }
  ~core_plan() { sched_setaffinity(0, sizeof before_, &before_); }
  core_plan(const core_plan&) = delete;
  core_plan& operator=(const core_plan&) = delete;

  const cpu_set_t& probing() const noexcept { return cores_.others; }

 private:
  cpu_set_t before_{};
  const split_cores cores_ = split_own_cores();
};

double in_us(clock::duration span) { return std::chrono::duration<double, std::micro>(span).count(); }

class foreground {
 public:
  explicit foreground(const std::string& socket_path) : client_(socket_path, 30s) {
    const auto loaded = client_.call({"SCRIPT", "LOAD", call});
    digest_.assign(loaded->str, loaded->len);
  }

  // As many as the server manages, a second.
  double capacity() {
    const auto begin = clock::now();
    std::size_t requests = 0;
    for (; clock::now() - begin < calibration; requests += calibration_depth) send(calibration_depth);
    return static_cast<double>(requests) / std::chrono::duration<double>(clock::now() - begin).count();
  }

  // Until it is over: the latency of each request, in us.
  std::vector<double> run(double requests_per_s, const std::function<bool()>& is_over) {
    const auto gap =
        std::chrono::duration_cast<clock::duration>(std::chrono::duration<double>(1 / requests_per_s));
    std::vector<double> latencies;
    for (auto planned = clock::now(); !is_over(); planned += gap) {
      const bool late = clock::now() > planned;
      std::this_thread::sleep_until(planned);
      const auto sent = late ? planned : clock::now();  // what the sleep took too long is not the server's
      send(1);
      latencies.push_back(in_us(clock::now() - sent));
    }
    return latencies;
  }

 private:
  void send(std::size_t requests) {
    for (std::size_t i = 0; i < requests * calls_per_request; ++i) {
      const auto key = fmt::format("foreground:{}", ++number_ % hot_keys);
      client_.append({"EVALSHA", digest_, "1", key, "a value of some bytes"});
    }
    client_.drain(requests * calls_per_request);
  }

  raw_client client_;
  std::string digest_;
  std::size_t number_ = 0;
};

// Watches the drain, and measures as the host's closed loop does.
class watcher {
 public:
  watcher(const std::string& socket_path, const cpu_set_t& cores, std::size_t items, clock::duration max_span)
      : client_(socket_path, 30s), cores_(cores), items_(items), end_(clock::now() + max_span) {}

  void start() {
    thread_ = std::jthread([this](const std::stop_token& stop) { watch(stop); });
  }
  void join() { thread_ = {}; }

  bool over() const { return over_; }
  double probe_us() const { return percentile(probes_, probe_quantile); }
  std::size_t promoted() const { return promoted_; }

 private:
  void watch(const std::stop_token& stop) {
    sched_setaffinity(0, sizeof cores_, &cores_);
    for (auto next_look = clock::now() + look_period; !stop.stop_requested() && !over_;) {
      const auto sent = clock::now();
      client_.call({"TIME"});
      probes_.push_back(in_us(clock::now() - sent));
      if (sent >= next_look || sent >= end_) {
        look();
        next_look += look_period;
      }
      std::this_thread::sleep_until(sent + probe_period);
    }
  }

  void look() {
    promoted_ = count_promoted(client_);
    over_ = clock::now() >= end_ || (items_ > 0 && promoted_ >= items_);
  }

  raw_client client_;
  const cpu_set_t cores_;
  const std::size_t items_;
  const clock::time_point end_;
  std::vector<double> probes_;
  std::size_t promoted_ = 0;
  std::atomic<bool> over_{false};
  std::jthread thread_;
};

// What the client feels in a span of time, or in several.
struct felt {
  std::vector<double> p50_us;
  std::vector<double> p99_us;
  double seconds = 0;
  std::size_t promoted = 0;  // in total
  double probe_us = 0;       // in the last one

  foreground_phase phase() const {
    return {median(p50_us), median(p99_us), static_cast<double>(promoted) / seconds, promoted};
  }
};

class measurement {
 public:
  measurement(const place& where, const core_plan& cores, std::size_t items, double seconds, double target_us)
      : where_(where),
        cores_(cores),
        items_(items),
        max_span_(std::chrono::duration_cast<clock::duration>(std::chrono::duration<double>(seconds))),
        target_us_(target_us),
        foreground_(where.socket_path) {}

  foreground_figures run() {
    seed();
    foreground_figures figures;
    requests_per_s_ = foreground_.capacity() / 2;
    figures.requests_per_s = requests_per_s_;
    felt alone;
    watch(alone, 0, rest);  // beside the same backlog, since the server's own work grows with its keys
    figures.alone_probe_us = alone.probe_us;
    figures.target_us = target_us_ > 0 ? target_us_ : alone.probe_us * margin;
    figures.drain = drain().phase();
    measure_loop(figures);
    return figures;
  }

 private:
  // Afterwards the server has done what it does about its keys in the background, and leaves it then: every
  // 100 ms it would keep each client waiting for a millisecond.
  void seed() {
    raw_client client(where_.socket_path);
    client.call({"FLUSHALL"});
    const auto now = client.time_ms();
    seed_delayed(client, items_, now,
                 [now](std::size_t i) { return now - 1000 - static_cast<std::int64_t>(i % 3'600'000); });
    client.call({"CONFIG", "SET", "hz", "500", "activerehashing", "yes"});
    for (const auto end = clock::now() + calibration; clock::now() < end;) client.call({"TIME"});
    client.call({"CONFIG", "SET", "hz", "10", "activerehashing", "no"});
  }

  host_config config(const std::string& run) const {
    return {
        where_.host, where_.url, {{"delayed_promoter", ""}}, run + "admin: {listen: none, socket: none}\n"};
  }

  felt drain() {
    seed();
    const auto file = config("");
    host_service host(where_.host, file);
    host.run_when_idle();
    felt drained;
    watch(drained, items_, max_span_);
    host.stop();
    return drained;
  }

  void measure_loop(foreground_figures& figures) {
    seed();
    const auto file =
        config(fmt::format("run: {{rate: {{target_latency: {:.0f}us, max_commands_per_s: {}}}}}\n",
                           figures.target_us, max_commands_per_s));
    host_service host(where_.host, file);
    host.run_when_idle_but("sh-latency", cores_.probing());
    felt beside;
    felt alone;
    const std::chrono::duration<double> max_span = max_span_;
    while (beside.promoted < items_ && beside.seconds < max_span.count()) {
      watch(beside, items_, std::min<clock::duration>(slice, max_span_));
      host.pause();
      watch(alone, 0, std::min<clock::duration>(pause, max_span_));
      host.resume();
    }
    host.stop();
    figures.loop = beside.phase();
    figures.alone = alone.phase();
    figures.alone.items = 0;
    figures.alone.items_per_s = 0;
  }

  void watch(felt& total, std::size_t items, clock::duration max_span) {
    watcher watcher(where_.socket_path, cores_.probing(), items, max_span);
    const auto begin = clock::now();
    watcher.start();
    const auto latencies = foreground_.run(requests_per_s_, [&] { return watcher.over(); });
    watcher.join();
    total.seconds += std::chrono::duration<double>(clock::now() - begin).count();
    total.promoted = watcher.promoted();
    total.probe_us = watcher.probe_us();
    total.p50_us.push_back(percentile(latencies, 0.5));
    total.p99_us.push_back(percentile(latencies, 0.99));
  }

  const place& where_;
  const core_plan& cores_;
  const std::size_t items_;
  const clock::duration max_span_;
  const double target_us_;
  foreground foreground_;
  double requests_per_s_ = 0;
};

}  // namespace

foreground_figures measure_foreground(const place& given, std::size_t items, double seconds,
                                      double target_us) {
  const core_plan cores;
  const test_support::private_server server;
  place where = given;
  where.socket_path = server.socket_path();
  where.url = "unix://" + where.socket_path;
  raw_client(where.socket_path).call({"FUNCTION", "LOAD", where.library});
  return measurement(where, cores, items, seconds, target_us).run();
}

}  // namespace scanhost::bench
