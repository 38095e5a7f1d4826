// SPDX-License-Identifier: Apache-2.0
//
// The configuration as plain values, read from YAML by config/load.hpp. The file config/scanhost.yaml
// describes every key.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/secret.hpp"
#include "tls/settings.hpp"

namespace scanhost::config {

// What the store is made of, and so how the server for a command is found.
enum class store_mode {
  automatic,   // the server says whether it is part of a cluster
  standalone,  // one server, perhaps with replicas
  cluster,     // Valkey or Redis Cluster
  sentinel     // one server with replicas, watched by Sentinels, which name it
};

// A server on TCP.
struct server_address {
  std::string host;  // a name or an IP address, the latter without brackets
  std::uint16_t port = 0;
  bool operator==(const server_address&) const = default;
};

inline constexpr std::uint16_t default_store_port = 6379;
inline constexpr std::uint16_t default_sentinel_port = 26379;

// Of mode `sentinel`. The Sentinels are reached with the TLS settings of the store.
struct sentinel_settings {
  std::string primary_name;             // by which the Sentinels know the primary
  std::string username;                 // to authenticate as at a Sentinel; empty: the default user
  base::secret password;                // of a Sentinel; empty: it needs none
  std::filesystem::path password_file;  // as in store_settings
  bool operator==(const sentinel_settings&) const = default;
};

struct store_settings {
  std::string url = "valkey://127.0.0.1:6379";  // as configured; contains no secrets
  store_mode mode = store_mode::automatic;
  // TCP: the server in the URL, if it is written, then those of store.addresses. In the mode sentinel these
  // are Sentinels, in a cluster some of its nodes, else the servers of which one is the primary.
  std::vector<server_address> addresses{{"127.0.0.1", default_store_port}};
  std::string socket_path;  // not empty: a Unix socket; `addresses` is empty
  sentinel_settings sentinel;
  std::optional<tls::settings> tls;  // nothing: the connection is not secured
  // Of the files of `tls` when the configuration was read (tls/context.hpp). New connections read them anew;
  // by this a reload sees whether those that exist have to be replaced.
  std::string tls_fingerprint;
  std::uint32_t database = 0;
  std::string username;
  base::secret password;
  std::filesystem::path password_file;  // that it was read from, and is read from again; empty: none
  base::milliseconds connect_timeout{2000};
  base::milliseconds command_timeout{5000};
  std::uint32_t max_in_flight = 4096;  // commands of one scanner in flight

  bool operator==(const store_settings&) const = default;
};

// What one cycle may spend.
struct budget_settings {
  std::uint64_t calls = 100'000;  // acting calls
  base::milliseconds time{5000};
  std::uint32_t pages = 20;  // pages of one pass and cycle in which nothing was acted on
};

// The value of an option, typed as in the plugin's table. Durations are in ms, sizes in bytes, flags 1 or 0.
using option_value = std::variant<std::string, std::int64_t, std::vector<std::string>, double>;

using option_values = std::map<std::string, option_value, std::less<>>;

// The values of secret options; empty: not given.
using secret_values = std::map<std::string, base::secret, std::less<>>;

// By family.
using partition_counts = std::map<std::string, std::uint32_t, std::less<>>;

// Shorter intervals are raised to this one.
inline constexpr base::milliseconds min_interval{100};

// A size in bytes; 0: none is configured.
struct byte_size {
  std::int64_t bytes = 0;
  bool operator==(const byte_size&) const = default;
};

// What the commands of a scanner may do; the host enforces it (store/gate).
struct permission_settings {
  bool read_only = false;                 // no command that may change anything
  std::vector<std::string> commands;      // "ZRANGE", "FCALL my_function"; empty: all
  std::vector<std::string> key_prefixes;  // of the keys that a command names; empty: all
  bool empty() const noexcept { return !read_only && commands.empty() && key_prefixes.empty(); }
};

// Where the changes of all scanners are recorded.
struct audit_settings {
  std::filesystem::path file;                      // empty: they are not recorded
  std::int64_t max_size = std::int64_t{64} << 20;  // in bytes; a larger file is rotated
  std::uint32_t max_files = 5;                     // that are kept, with the one that is written to
  bool operator==(const audit_settings&) const = default;
};

// How many commands a second may go to the store: a fixed number, or as many as keep its latency below a
// target (store/rate). At most the first two have a value, and not both.
struct rate_settings {
  std::optional<std::uint64_t> commands_per_s;
  std::optional<std::chrono::microseconds> target_latency;
  // Between which the target moves the number.
  std::optional<std::uint64_t> min_commands_per_s;
  std::optional<std::uint64_t> max_commands_per_s;

  bool empty() const noexcept { return !commands_per_s && !target_latency; }
  std::uint64_t min() const noexcept { return min_commands_per_s.value_or(default_min); }
  std::uint64_t max() const noexcept { return max_commands_per_s.value_or(default_max); }
  bool operator==(const rate_settings&) const = default;

  static constexpr std::uint64_t default_min = 100;
  static constexpr std::uint64_t default_max = 100'000;
};

// What holds for all scanners.
struct run_settings {
  bool dry_run = false;
  audit_settings audit;
  rate_settings rate;  // of all of them together
};

enum class unload_policy { normal, never };

// How the scanners of one plugin are replaced when it has a new build: all at once, or one after the other.
enum class reload_policy { together, rolling };

// When a scanner runs: never, always, or while the server has all functions that its plugin needs.
enum class run_condition { never, always, functions_exist };

struct scanner_settings {
  std::string name;    // "lease_expiry@acme"
  std::string plugin;  // "lease_expiry"
  run_condition enabled = run_condition::always;
  bool dry_run = false;  // its own, or that of the whole host
  bool drain = true;
  base::milliseconds interval{0};  // 0 until the default of the plugin is filled in
  std::uint32_t page_size = 0;     // likewise
  budget_settings budget;
  std::uint32_t concurrency = 0;  // scans in flight; 0: all partitions
  partition_counts partitions;    // of the plugin's families, only where configured for this scanner
  base::milliseconds scan_timeout{60'000};
  base::milliseconds hang_timeout{10'000};   // for a single call of the plugin
  base::milliseconds drain_timeout{10'000};  // for the last scans of the old generation in a reload
  byte_size memory_limit;  // its instance is restarted when the memory in use exceeds it; 0: no limit
  std::optional<base::severity> log_level;  // of its lines; none: that of the host
  unload_policy unload = unload_policy::normal;
  reload_policy reload = reload_policy::together;
  permission_settings permissions;
  rate_settings rate;
  audit_settings audit;     // of the whole host
  rate_settings host_rate;  // likewise; both limits hold
  std::string sha256;       // the only build that may run, 64 lower-case hexadecimal digits; empty: any
  option_values options;    // all of the plugin's table that may be shown, with defaults filled in
  secret_values secrets;    // the others
};

struct plugin_settings {
  std::vector<std::filesystem::path> path;
  std::filesystem::path staging;  // empty: the default for this user (plugin/staging.hpp)
  bool watch = true;
  std::vector<std::string> allow_needed;  // shared libraries a plugin may need besides those of the system
  // Refuse a plugin file that others may write to, or that neither root nor the user of the service owns.
  bool check_owner = true;
  // Cycles after a replacement in which the host may roll back; 0: it never does.
  std::uint32_t probation = 3;
  // The host rolls back if the error rate exceeds the old build's by more than this, in percentage points.
  std::uint32_t error_margin = 20;
  std::uint32_t crash_limit = 3;  // crashes in a row after which a build is blocked
};

struct admin_settings {
  bool enabled = true;
  std::string address = "127.0.0.1";
  std::uint16_t port = 9464;            // 0: chosen by the system
  std::vector<std::string> host_names;  // besides localhost: names that a request may address the page by
  bool control = true;                  // whether the page may pause, reload, and so on
  // The files of the tokens that are asked for at that address, and what they held; empty: none is asked for.
  std::filesystem::path read_token_file;      // to see anything
  std::filesystem::path operator_token_file;  // to use the commands of the page; it shows everything, too
  base::secret read_token;
  base::secret operator_token;
  std::vector<server_address> peers;  // other hosts, by literal IP addresses, that the page shows, too
  // The control socket for `scanhost ctl`.
  bool socket_enabled = true;
  bool socket_configured = false;
  std::filesystem::path socket;  // if configured; else the default for this user (admin/control_path.hpp)
};

struct settings {
  store_settings store;
  partition_counts partitions;  // for the families of that name of all plugins, only where configured
  plugin_settings plugins;
  run_settings run;
  std::vector<scanner_settings> scanners;  // in the order of the file
  admin_settings admin;
};

}  // namespace scanhost::config
