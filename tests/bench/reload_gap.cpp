// SPDX-License-Identifier: Apache-2.0
//
// How long a scanner runs no cycle while its plugin is replaced: lease_expiry every 100 ms over 256 empty
// partitions, while another build of it (the same file with bytes appended) is moved over its file again and
// again. MONITOR shows when each cycle reached the first partition.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "bench/command_stream.hpp"
#include "bench/measure.hpp"
#include "bench/raw_client.hpp"
#include "bench/statistics.hpp"

namespace scanhost::bench {
namespace {

namespace fs = std::filesystem;

constexpr double interval_ms = 100;
constexpr auto plugin_name = "lease_expiry.so";
constexpr auto first_index = "ff:idx:{fp:0}:lease_expiry";

// A folder with the plugin that is replaced.
class own_plugins {
 public:
  explicit own_plugins(const fs::path& bundled) : original_(bundled / plugin_name) {
    auto pattern = (fs::temp_directory_path() / "scanhost-bench-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make a temporary folder");
    folder_ = pattern;
    fs::create_directory(folder_ / "plugins");
    replace(0);
  }
  ~own_plugins() {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  own_plugins(const own_plugins&) = delete;
  own_plugins& operator=(const own_plugins&) = delete;

  // Moves another build over the file.
  void replace(int build) const {
    const auto fresh = folder_ / "fresh";
    fs::copy_file(original_, fresh, fs::copy_options::overwrite_existing);
    std::ofstream(fresh, std::ios::app | std::ios::binary) << build;
    fs::rename(fresh, folder_ / "plugins" / plugin_name);
  }
  fs::path plugins() const { return folder_ / "plugins"; }
  fs::path socket() const { return folder_ / "control.sock"; }

 private:
  fs::path original_;
  fs::path folder_;
};

void wait_for_cycles(const fs::path& socket) {
  using namespace std::chrono_literals;
  for (int i = 0; i < 1000 && !fs::exists(socket); ++i) std::this_thread::sleep_for(10ms);
  std::this_thread::sleep_for(1s);
}

// For each span the longest pause between two cycles that begins in it, minus the interval.
std::vector<double> gaps(const std::vector<double>& cycles, const std::vector<double>& spans) {
  std::vector<double> values;
  for (std::size_t i = 0; i + 1 < spans.size(); ++i) {
    double gap = 0;
    for (std::size_t at = 1; at < cycles.size(); ++at)
      if (cycles[at] >= spans[i] && cycles[at - 1] < spans[i + 1])
        gap = std::max(gap, cycles[at] - cycles[at - 1] - interval_ms);
    values.push_back(gap);
  }
  return values;
}

}  // namespace

reload_figures measure_reload_gap(const place& where, int reloads) {
  raw_client client(where.socket_path);
  client.call({"FLUSHALL"});
  const own_plugins own(where.host.plugins);
  const host_paths host{where.host.program, own.plugins()};
  const host_config config(host, where.url, {{"lease_expiry", "interval: 100ms"}},
                           "admin: {listen: none, socket: \"" + own.socket().string() + "\"}\n");
  std::vector<double> spans;
  const auto asked = record(where.socket_path, [&] {
    host_service service(host, config);
    wait_for_cycles(own.socket());
    for (int i = 1; i <= reloads; ++i) {
      spans.push_back(static_cast<double>(client.time_ms()));
      own.replace(i);
      run_host(host, {"ctl", "--socket", own.socket().string(), "reload", "lease_expiry"});
    }
    spans.push_back(static_cast<double>(client.time_ms()));
    service.stop();
  });
  std::vector<double> cycles;
  for (const auto& line : asked)
    if (line.args.size() > 1 && line.args[0] == "ZRANGEBYSCORE" && line.args[1] == first_index)
      cycles.push_back(line.at_ms);
  if (cycles.size() < spans.size()) throw std::runtime_error("reload_gap: the host ran no cycles");
  const auto all_gaps = gaps(cycles, spans);
  return {all_gaps.size(), median(all_gaps), percentile(all_gaps, 1)};
}

}  // namespace scanhost::bench
