// SPDX-License-Identifier: Apache-2.0
//
// Every metric that the host itself writes: name, kind, labels, help. Other files know a metric by its
// constant only; tests/smoke/metric_names_test.py holds sources and documentation against this list.
#pragma once

#include <array>
#include <string_view>

namespace scanhost::metrics {

enum class metric_kind { counter, gauge, histogram };

struct host_metric {
  std::string_view name;
  metric_kind kind;
  std::string_view labels;  // in alphabetical order, separated by commas
  std::string_view help;
};

// The host's own metrics begin with it.
inline constexpr std::string_view host_prefix = "scanhost_";

namespace names {

using enum metric_kind;

// A scanner's cycles. Where the plugin has a metric prefix, these two are written once more with it in place
// of `scanhost_`, under the names that its users know.
inline constexpr host_metric cycle_duration{"scanhost_scanner_cycle_duration_seconds", histogram, "scanner",
                                            "Duration of completed cycles."};
inline constexpr host_metric cycles{"scanhost_scanner_cycle_total", counter, "scanner", "Completed cycles."};

// A scanner's work.
inline constexpr host_metric processed{"scanhost_processed_total", counter, "scanner",
                                       "Candidates that were handled."};
inline constexpr host_metric unchanged{"scanhost_unchanged_total", counter, "scanner",
                                       "Handled candidates whose call changed nothing."};
inline constexpr host_metric errors{"scanhost_errors_total", counter, "scanner",
                                    "Candidates, reads or scans that failed."};
inline constexpr host_metric skipped{"scanhost_skipped_total", counter, "scanner",
                                     "Candidates that were passed over."};
inline constexpr host_metric beyond_allowance{"scanhost_beyond_allowance_total", counter, "scanner",
                                              "Items that the plugin acted on beyond what its turns allow."};
inline constexpr host_metric backoff_items{"scanhost_backoff_items", gauge, "scanner",
                                           "Items in back-off because they kept failing."};
inline constexpr host_metric oldest_overdue{"scanhost_oldest_overdue_seconds", gauge, "scanner",
                                            "How long the oldest candidate that still waits has been due."};
inline constexpr host_metric lateness{"scanhost_lateness_seconds", histogram, "scanner",
                                      "From the due time of a known item to the reply of its call."};
inline constexpr host_metric partitions{"scanhost_partitions", gauge, "scanner",
                                        "Partitions of the current or the last cycle."};

// What the gate keeps from the store, and the audit.
inline constexpr host_metric scanner_dry_run{"scanhost_scanner_dry_run", gauge, "scanner",
                                             "1 while the scanner runs dry: it changes nothing."};
inline constexpr host_metric held_back{"scanhost_held_back_total", counter, "scanner",
                                       "Commands that a dry run held back."};
inline constexpr host_metric permission_refusals{"scanhost_permission_refusals_total", counter, "scanner",
                                                 "Commands that the scanner's permissions do not allow."};
inline constexpr host_metric audit_entries{"scanhost_audit_entries_total", counter, "",
                                           "Entries that were written to the audit."};
inline constexpr host_metric audit_dropped{
    "scanhost_audit_dropped_total", counter, "",
    "Entries that the audit lost, because its file could not be written or not fast enough."};

// A scanner's builds.
inline constexpr host_metric generation{"scanhost_generation", gauge, "scanner",
                                        "Number of the generation that runs."};
inline constexpr host_metric restarts{"scanhost_restarts_total", counter, "scanner",
                                      "Restarts of the scanner after a failure."};
inline constexpr host_metric stuck_generations{
    "scanhost_stuck_generations", gauge, "scanner",
    "Abandoned generations that are still inside a call of their plugin."};
inline constexpr host_metric pinned_builds{"scanhost_pinned_builds", gauge, "scanner",
                                           "Builds that stayed mapped after they were closed."};
inline constexpr host_metric reloads{"scanhost_reloads_total", counter, "outcome,scanner",
                                     "Reloads, by outcome."};

// What state things are in.
inline constexpr host_metric scanner_state{"scanhost_scanner_state", gauge, "scanner,state",
                                           "1 for the state that the scanner is in, 0 for the others."};
inline constexpr host_metric scanner_ready{
    "scanhost_scanner_ready", gauge, "scanner",
    "1 while the scanner does what it is there for, or is paused; /readyz says why not."};
inline constexpr host_metric scanner_paused{
    "scanhost_scanner_paused", gauge, "scanner",
    "1 while an operator has paused the scanner; scanhost ctl status says who, why and until when."};
inline constexpr host_metric last_cycle{"scanhost_scanner_last_cycle_timestamp_seconds", gauge, "scanner",
                                        "Unix time at the end of the last completed cycle; 0: none yet."};
inline constexpr host_metric blocked_builds{"scanhost_blocked_builds", gauge, "",
                                            "Builds that are blocked on this machine."};
inline constexpr host_metric config_ok{"scanhost_config_ok", gauge, "",
                                       "1 if the configuration was accepted when it was last read."};
inline constexpr host_metric config_accepted{"scanhost_config_last_success_timestamp_seconds", gauge, "",
                                             "Unix time at which a configuration was last accepted."};
inline constexpr host_metric build_info{"scanhost_build_info", gauge, "abi,version",
                                        "1; the labels are the versions of the host and of its plugin ABI."};

// What a scanner costs.
inline constexpr host_metric scanner_cpu{"scanhost_scanner_cpu_seconds_total", counter, "scanner",
                                         "Time that the scanner's threads have spent on a processor."};
inline constexpr host_metric scanner_memory{
    "scanhost_scanner_memory_bytes", gauge, "scanner",
    "Memory that the scanner's thread has allocated and not freed; absent where the allocator does not count it."};
inline constexpr host_metric functions_missing{"scanhost_scanner_functions_missing", gauge, "scanner",
                                               "1 while functions that it needs have gone from the server."};
inline constexpr host_metric memory_growing{"scanhost_scanner_memory_growing", gauge, "scanner",
                                            "1 while the scanner's memory grows steadily, as with a leak."};

// The process, under the names that every exporter uses.
inline constexpr host_metric process_cpu{"process_cpu_seconds_total", counter, "",
                                         "Total user and system CPU time spent in seconds."};
inline constexpr host_metric process_resident_memory{"process_resident_memory_bytes", gauge, "",
                                                     "Resident memory size in bytes."};
inline constexpr host_metric process_virtual_memory{"process_virtual_memory_bytes", gauge, "",
                                                    "Virtual memory size in bytes."};
inline constexpr host_metric process_start_time{"process_start_time_seconds", gauge, "",
                                                "Start time of the process since unix epoch in seconds."};
inline constexpr host_metric process_open_fds{"process_open_fds", gauge, "",
                                              "Number of open file descriptors."};
inline constexpr host_metric process_max_fds{"process_max_fds", gauge, "",
                                             "Maximum number of open file descriptors."};
inline constexpr host_metric process_threads{"process_threads", gauge, "", "Number of threads."};
inline constexpr host_metric dropped_log_lines{
    "scanhost_dropped_log_lines_total", counter, "",
    "Lines that nobody read from standard error in time, or that could not be written."};

// A scanner's connection to the store.
inline constexpr host_metric commands{"scanhost_commands_total", counter, "outcome,scanner",
                                      "Commands for the store, by outcome."};
inline constexpr host_metric connection_up{"scanhost_connection_up", gauge, "scanner",
                                           "1 while the scanner's connection to the store is up."};
inline constexpr host_metric reconnects{"scanhost_reconnects_total", counter, "scanner",
                                        "Connections that replaced a lost one."};

// How fast a scanner's commands may go to the store.
inline constexpr host_metric rate_limit{
    "scanhost_rate_limit_commands_per_second", gauge, "scanner",
    "Commands a second that the scanner's limit or the host's allows now, the lower; 0: there is no limit."};
inline constexpr host_metric rate_limit_wait{"scanhost_rate_limit_wait_seconds_total", counter, "scanner",
                                             "Time in which batches waited for a limit."};
inline constexpr host_metric rate_limit_latency{
    "scanhost_rate_limit_latency_seconds", gauge, "scanner",
    "Latency of the store as the closed loop measures it; 0: not measured lately, or there is no target."};

inline constexpr host_metric store_errors{"scanhost_store_errors_total", counter, "cause,scanner",
                                          "Commands that failed for a state of the store, by state."};
inline constexpr host_metric store_trouble{
    "scanhost_store_trouble", gauge, "cause,scanner",
    "1 while a state of the store keeps the scanner from working, by state."};

}  // namespace names

inline constexpr std::array host_metrics{names::cycle_duration,
                                         names::cycles,
                                         names::processed,
                                         names::unchanged,
                                         names::errors,
                                         names::skipped,
                                         names::beyond_allowance,
                                         names::backoff_items,
                                         names::oldest_overdue,
                                         names::lateness,
                                         names::partitions,
                                         names::scanner_dry_run,
                                         names::held_back,
                                         names::permission_refusals,
                                         names::audit_entries,
                                         names::audit_dropped,
                                         names::generation,
                                         names::restarts,
                                         names::stuck_generations,
                                         names::pinned_builds,
                                         names::reloads,
                                         names::scanner_state,
                                         names::scanner_ready,
                                         names::scanner_paused,
                                         names::last_cycle,
                                         names::blocked_builds,
                                         names::config_ok,
                                         names::config_accepted,
                                         names::build_info,
                                         names::commands,
                                         names::connection_up,
                                         names::reconnects,
                                         names::rate_limit,
                                         names::rate_limit_wait,
                                         names::rate_limit_latency,
                                         names::store_errors,
                                         names::store_trouble,
                                         names::scanner_cpu,
                                         names::scanner_memory,
                                         names::memory_growing,
                                         names::functions_missing,
                                         names::process_cpu,
                                         names::process_resident_memory,
                                         names::process_virtual_memory,
                                         names::process_start_time,
                                         names::process_open_fds,
                                         names::process_max_fds,
                                         names::process_threads,
                                         names::dropped_log_lines};

}  // namespace scanhost::metrics
