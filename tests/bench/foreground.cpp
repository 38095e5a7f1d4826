// SPDX-License-Identifier: Apache-2.0
//
// What another client of the server feels while the host drains a backlog. It sends short requests at half
// of the rate that the server managed with nothing else to do, each at its planned moment: a request behind
// a late one counts from the moment at which it should have left.
//
// Server, client and host share one core, and the host gets what the others leave. For what is measured is
// how long the server keeps the client waiting, as if the host had a machine of its own: on another core it
// would slow the server without a single command, since two cores are often threads of one.
#include <fmt/format.h>
#include <sched.h>

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>

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
constexpr auto look_period = 1s;     // at what is left
constexpr auto probe_period = 20ms;  // as the host's own
constexpr double margin = 1.1;       // of the target above what TIME takes beside the client alone

// As long as it exists, this thread and what it starts run on one core.
class single_core {
 public:
  single_core() {
    if (sched_getaffinity(0, sizeof before_, &before_) != 0)
      throw std::runtime_error("cannot read the affinity");
    cpu_set_t first;
    CPU_ZERO(&first);
    for (int core = 0; core < CPU_SETSIZE && CPU_COUNT(&first) == 0; ++core)
      if (CPU_ISSET(core, &before_)) CPU_SET(core, &first);
    sched_setaffinity(0, sizeof first, &first);
  }
  ~single_core() { sched_setaffinity(0, sizeof before_, &before_); }
  single_core(const single_core&) = delete;
  single_core& operator=(const single_core&) = delete;

 private:
  cpu_set_t before_{};
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
  watcher(const std::string& socket_path, std::size_t items, std::chrono::duration<double> most)
      : client_(socket_path, 30s), items_(items), begin_(clock::now()), end_(begin_ + cast(most)) {}

  void start() {
    thread_ = std::jthread([this](const std::stop_token& stop) { watch(stop); });
  }
  void join() { thread_ = {}; }

  bool over() const { return over_; }
  double probe_p90_us() const { return percentile(probes_, 0.9); }
  double items_per_s() const { return static_cast<double>(promoted_) / seconds_; }
  std::size_t promoted() const { return promoted_; }

 private:
  static clock::duration cast(std::chrono::duration<double> span) {
    return std::chrono::duration_cast<clock::duration>(span);
  }

  void watch(const std::stop_token& stop) {
    for (auto next_look = begin_ + look_period; !stop.stop_requested() && !over_;) {
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
    const auto now = clock::now();
    seconds_ = std::chrono::duration<double>(now - begin_).count();
    over_ = now >= end_ || (items_ > 0 && promoted_ >= items_);
  }

  raw_client client_;
  const std::size_t items_;
  const clock::time_point begin_;
  const clock::time_point end_;
  std::vector<double> probes_;
  std::size_t promoted_ = 0;
  double seconds_ = 0;
  std::atomic<bool> over_{false};
  std::jthread thread_;
};

class measurement {
 public:
  measurement(const place& where, std::size_t items, double seconds, double target_us)
      : where_(where),
        items_(items),
        seconds_(seconds),
        target_us_(target_us),
        foreground_(where.socket_path) {}

  foreground_figures run() {
    seed();
    foreground_figures figures;
    requests_per_s_ = foreground_.capacity() / 2;
    figures.requests_per_s = requests_per_s_;
    figures.alone = watched(0);  // beside the same backlog, since the server's own work grows with its keys
    figures.alone_probe_us = probe_p90_us_;
    figures.target_us = target_us_ > 0 ? target_us_ : probe_p90_us_ * margin;
    figures.drain = drained("");
    figures.loop = drained(fmt::format("run: {{rate: {{target_latency: {:.0f}us}}}}\n", figures.target_us));
    return figures;
  }

 private:
  void seed() {
    raw_client client(where_.socket_path);
    client.call({"FLUSHALL"});
    const auto now = client.time_ms();
    seed_delayed(client, items_, now,
                 [now](std::size_t i) { return now - 1000 - static_cast<std::int64_t>(i % 3'600'000); });
  }

  foreground_phase drained(const std::string& run) {
    seed();
    const host_config config(where_.host, where_.url, {{"delayed_promoter", ""}},
                             run + "admin: {listen: none, socket: none}\n");
    host_service host(where_.host, config);
    host.run_when_idle();
    auto phase = watched(items_);
    host.stop();
    return phase;
  }

  foreground_phase watched(std::size_t items) {
    watcher watcher(where_.socket_path, items, std::chrono::duration<double>(seconds_));
    watcher.start();
    const auto latencies = foreground_.run(requests_per_s_, [&] { return watcher.over(); });
    watcher.join();
    probe_p90_us_ = watcher.probe_p90_us();
    return {percentile(latencies, 0.5), percentile(latencies, 0.99), watcher.items_per_s(),
            watcher.promoted()};
  }

  const place& where_;
  const std::size_t items_;
  const double seconds_;
  const double target_us_;
  foreground foreground_;
  double requests_per_s_ = 0;
  double probe_p90_us_ = 0;
};

}  // namespace

foreground_figures measure_foreground(const place& given, std::size_t items, double seconds,
                                      double target_us) {
  const single_core core;
  const test_support::private_server server;
  place where = given;
  where.socket_path = server.socket_path();
  where.url = "unix://" + where.socket_path;
  raw_client(where.socket_path).call({"FUNCTION", "LOAD", where.library});
  return measurement(where, items, seconds, target_us).run();
}

}  // namespace scanhost::bench
