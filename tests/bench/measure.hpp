// SPDX-License-Identifier: Apache-2.0
//
// What scanhost_bench measures. Each measurement takes a private server, which it may empty, and the real
// host; some take several builds of it, at one server, which take turns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "bench/host_process.hpp"

namespace scanhost::bench {

struct place {
  host_paths host;
  std::string socket_path;             // of the server
  std::string url;                     // of it, or of a node of the cluster, for the host
  std::string library;                 // the Lua of the functions
  std::vector<std::uint16_t> ports{};  // of the primaries of a cluster; empty: it is one server
};

// On a server or a cluster: lease_expiry over 256 empty partitions: wall time of a cycle, ours and the bare
// client's.
struct idle_figures {
  double cycle_ms = 0;
  double raw_ms = 0;
};
std::vector<idle_figures> measure_idle(const std::vector<place>& builds, int rounds);

// Likewise: delayed_promoter over `items` due items in 256 partitions: items per second.
struct drain_figures {
  double per_s = 0;
  double raw_per_s = 0;
};
std::vector<drain_figures> measure_drain(const std::vector<place>& builds, int rounds, std::size_t items);

// delayed_promoter over items that come due one after the other while it runs: how late each was promoted, by
// the server's own clock.
struct lateness_figures {
  std::size_t known = 0;  // items that were in the index at a scan before they came due
  double p50_ms = 0;
  double p99_ms = 0;
  double max_ms = 0;
};
lateness_figures measure_lateness(const place& where, std::size_t items, double seconds);

// All plugins of the folder with their defaults over an empty keyspace.
struct rest_figures {
  std::size_t scanners = 0;
  double cpu_percent = 0;
  double rss_mib = 0;
  double commands_per_s = 0;
};
rest_figures measure_rest(const place& where, double seconds);

// One scanner over about `items` due items: items per second, ours and the bare client's.
struct scanner_figures {
  std::string name;
  std::size_t items = 0;     // that the host processed
  std::size_t commands = 0;  // that were sent for them
  double per_s = 0;
  double raw_per_s = 0;
};
std::vector<scanner_figures> measure_scanner(const std::vector<place>& builds, const std::string& scanner,
                                             int rounds, std::size_t items);

// The server's time per call of each function that `scanners` call, compared with a script of one HGETALL and
// the same writes.
struct function_figures {
  std::string name;
  std::size_t calls = 0;  // that wrote anything
  double us = 0;
  double raw_us = 0;
};
std::vector<function_figures> measure_functions(const place& where, const std::vector<std::string>& scanners,
                                                int rounds, std::size_t items);

// delayed_promoter as a service over a backlog of due items.
struct backlog_figures {
  double seconds = 0;  // from the host's start
  double peak_rss_mib = 0;
  std::size_t slowlog_entries = 0;  // commands over 10 ms of server time
};
backlog_figures measure_backlog(const place& where, std::size_t items);

// A client at half of the server's capacity: alone, while delayed_promoter drains a backlog of due items, and
// the same with a closed loop. The drains take `seconds`, or until nothing is left. `target_us`: of the loop;
// 0: a tenth above the latency of TIME, that 97 of 100 answers keep, beside the client alone.
struct foreground_phase {
  double p50_us = 0;  // of the client's requests; alone and with the loop medians of spans of seconds
  double p99_us = 0;
  double items_per_s = 0;
  std::size_t items = 0;  // that were drained
};
struct foreground_figures {
  double requests_per_s = 0;  // of the client
  double alone_probe_us = 0;  // the latency of TIME beside it alone
  double target_us = 0;
  foreground_phase alone;
  foreground_phase drain;
  foreground_phase loop;
};
foreground_figures measure_foreground(const place& where, std::size_t items, double seconds,
                                      double target_us);

// lease_expiry every 100 ms while its plugin is replaced: the longest time without a cycle, minus the
// interval, at each reload.
struct reload_figures {
  std::size_t reloads = 0;
  double gap_ms = 0;  // the median
  double max_gap_ms = 0;
};
reload_figures measure_reload_gap(const place& where, int reloads);

}  // namespace scanhost::bench
