// SPDX-License-Identifier: Apache-2.0
//
// Every event that the host writes a log line about, from the level info on: name, level, meaning, what to
// do. The name is the member `event` of a JSON line, and stays what it is from release to release. Other
// files know an event by its constant only; tests/smoke/log_events_test.py holds the runbook against this
// list.
#pragma once

#include <array>
#include <string_view>

#include "base/severity.hpp"

namespace scanhost::base {

struct log_event {
  std::string_view name;
  severity level;  // off: each line has a level of its own
  std::string_view meaning;
  std::string_view remedy;
};

namespace events {

using enum severity;

// The host.
inline constexpr log_event host_listening{
    "host_listening", info, "The port for the page, metrics and health checks is open.", "Nothing."};
inline constexpr log_event token_unreadable{
    "token_unreadable", warn,
    "The file of a token for the page cannot be used as it is; the token before counts.",
    "Correct the file that the message names."};
inline constexpr log_event control_socket_opened{"control_socket_opened", info,
                                                 "`scanhost ctl` can reach the host.", "Nothing."};
inline constexpr log_event control_socket_missing{
    "control_socket_missing", warn,
    "The host runs without a control socket: another host has the default place, or there is none.",
    "Give it an `admin.socket` of its own."};
inline constexpr log_event store_awaited{
    "store_awaited", warn,
    "The host cannot start yet, since its store does not answer or is in a state that passes.",
    "Bring the store up; the host starts by itself."};
inline constexpr log_event host_started{"host_started", info, "The scanners run.", "Nothing."};
inline constexpr log_event host_alive{"host_alive", info, "Once a minute: what all scanners did in it.",
                                      "Nothing."};
inline constexpr log_event host_stopping{"host_stopping", info, "A signal ends the host.", "Nothing."};
inline constexpr log_event host_stopped{"host_stopped", info, "The host has ended.", "Nothing."};
inline constexpr log_event host_crashed{
    "host_crashed", error,
    "The host before this one crashed; the line has the plugin, the build and the place.",
    "Look at the trace; `scanhost ctl blocked` shows whether the build is blocked."};
inline constexpr log_event log_lines_dropped{"log_lines_dropped", warn,
                                             "Nobody read standard error in time, so lines are lost.",
                                             "Look at journald, or the log driver of the container."};

// Reloads and builds.
inline constexpr log_event file_changed{
    "file_changed", info, "A plugin file or the configuration was changed; a reload follows.", "Nothing."};
inline constexpr log_event file_watch_degraded{
    "file_watch_degraded", warn, "Changed files may be noticed late or not at all.",
    "Follow the message; `scanhost ctl reload` works all the same."};
inline constexpr log_event reload_requested{"reload_requested", info, "SIGHUP asked for a reload.",
                                            "Nothing."};
inline constexpr log_event reload_finished{"reload_finished", info,
                                           "The outcome of a reload that SIGHUP asked for.", "Nothing."};
inline constexpr log_event reload_refused{
    "reload_refused", error,
    "The configuration or a plugin is wrong, or the store does not answer; what ran runs on.",
    "Correct what the message names; `scanhost check-config FILE` checks it."};
inline constexpr log_event reload_failed{"reload_failed", error, "A reload ended with an exception.",
                                         "Report it; it is a bug of the host."};
inline constexpr log_event configuration_accepted{
    "configuration_accepted", info, "The configuration was refused before and is accepted now.", "Nothing."};
inline constexpr log_event build_refused{"build_refused", error,
                                         "A new build of a plugin was refused; the present one runs on.",
                                         "Install a build that has not the fault that the message names."};
inline constexpr log_event build_rolled_back{
    "build_rolled_back", error,
    "A build did worse than the one before it, or an operator went back; it is blocked.",
    "See `scanhost ctl blocked`; install a repaired build."};
inline constexpr log_event build_released{"build_released", info, "An operator has unblocked a build.",
                                          "Nothing."};
inline constexpr log_event probation_passed{"probation_passed", info,
                                            "A new build did as well as the one before it.", "Nothing."};
inline constexpr log_event build_not_kept{
    "build_not_kept", warn, "The present build cannot be kept for the case that a later one crashes.",
    "Free space below `plugins.staging`, or correct its rights."};
inline constexpr log_event last_good_build_used{
    "last_good_build_used", error, "The installed build is blocked, so its scanner runs the one before.",
    "Install a repaired build, or `scanhost ctl release SHA256`."};
inline constexpr log_event last_good_build_unusable{"last_good_build_unusable", warn,
                                                    "The kept build cannot run instead of a blocked one.",
                                                    "Install a build that works."};
inline constexpr log_event build_stays_mapped{
    "build_stays_mapped", warn, "A closed build cannot be unloaded, since something of it is in use.",
    "Tell the authors of the plugin; a restart of the host frees the memory."};
inline constexpr log_event state_file_unreadable{
    "state_file_unreadable", warn,
    "What the host kept about builds, pauses or history is damaged or cannot be written.",
    "Follow the message; check the disk and the rights below `plugins.staging`."};

// Scanners.
inline constexpr log_event scanner_started{"scanner_started", info, "A scanner begins.", "Nothing."};
inline constexpr log_event generation_began{
    "generation_began", info, "A scanner goes on with another generation; the line says why.", "Nothing."};
inline constexpr log_event scanner_adjusted{
    "scanner_adjusted", info, "An option that needs no new generation was changed.", "Nothing."};
inline constexpr log_event scanner_stopped{"scanner_stopped", info, "A scanner has ended.", "Nothing."};
inline constexpr log_event scanner_left_out{
    "scanner_left_out", info, "`run --cycles` leaves out a scanner, since the server lacks its functions.",
    "Nothing."};
inline constexpr log_event scanner_not_started{"scanner_not_started", error,
                                               "A scanner does not run, since its build is blocked.",
                                               "Install a repaired build, or `scanhost ctl release SHA256`."};
inline constexpr log_event scanner_activity{
    "scanner_activity", info, "At most once a minute: what a scanner changed, and how many errors it had.",
    "If there are errors, see the lines of the scanner before this one."};
inline constexpr log_event scanner_paused{"scanner_paused", info, "An operator has paused a scanner.",
                                          "Nothing."};
inline constexpr log_event scanner_resumed{"scanner_resumed", info, "A pause is over.", "Nothing."};
inline constexpr log_event items_retried{"items_retried", info,
                                         "An operator has taken items out of back-off.", "Nothing."};
inline constexpr log_event pauses_unknown{
    "pauses_unknown", error, "The pauses of the host before cannot be read, so all scanners run.",
    "Pause again what must not run."};
inline constexpr log_event pause_not_saved{"pause_not_saved", warn,
                                           "What is paused now will not be so after a restart.",
                                           "Free space below `plugins.staging`, or correct its rights."};
inline constexpr log_event pause_kept{"pause_kept", warn,
                                      "A scanner is paused that the configuration does not have.",
                                      "`scanhost ctl resume NAME`, if it will not come back."};
inline constexpr log_event partitions_differ{
    "partitions_differ", warn, "The store has another number of partitions than the scanners sweep.",
    "Find out who changed it; `scanhost ctl reload` takes the number of the store."};
inline constexpr log_event partitions_agree{
    "partitions_agree", info, "The scanners sweep the partitions again that the store has.", "Nothing."};
inline constexpr log_event log_level_changed{
    "log_level_changed", info, "An operator has changed the log level of a scanner.", "Nothing."};
inline constexpr log_event options_refused{"options_refused", error,
                                           "The plugin refuses the options, so the scanner stays stopped.",
                                           "Correct the options in the configuration."};
inline constexpr log_event scanner_restarts{"scanner_restarts", error,
                                            "The plugin failed and is created anew after a pause.",
                                            "`scanhost ctl rollback SCANNER`, if it began with a new build."};
inline constexpr log_event scanner_thread_failed{
    "scanner_thread_failed", error, "The thread of a scanner ended with an exception.",
    "Report it; it is a bug of the host, or memory has run out."};
inline constexpr log_event plugin_stuck{
    "plugin_stuck", error,
    "A call of the plugin has not returned within `hang_timeout`; the generation is given up.",
    "Load another build, or `scanhost ctl rollback SCANNER`."};
inline constexpr log_event generation_abandoned{
    "generation_abandoned", error, "A generation did not end when it was replaced, and is given up.",
    "Restart the host when it suits, which frees the thread."};
inline constexpr log_event stop_delayed{
    "stop_delayed", warn, "A scanner did not stop in time; what it has under way is cancelled.", "Nothing."};
inline constexpr log_event plugin_stuck_at_stop{
    "plugin_stuck_at_stop", error, "The host ends without a thread that a plugin holds; the exit code is 86.",
    "Tell the authors of the plugin."};
inline constexpr log_event scan_timed_out{
    "scan_timed_out", warn, "A scan made no progress for `scan_timeout` and was cancelled.",
    "Look at the slow log of the server; raise `scan_timeout` if that is normal."};
inline constexpr log_event plugin_message{
    "plugin_message", off,
    "A line of a plugin, in its own words and at its own level. A warning or error that repeats is written again after a day.",
    "What the plugin says."};
inline constexpr log_event item_backed_off{
    "item_backed_off", error, "An item failed again and again, and is tried once in ten cycles from now on.",
    "Correct the record of the item; see the runbook at `ScanhostItemsInBackOff`."};
inline constexpr log_event items_backed_off{"items_backed_off", error,
                                            "So many more items went into back-off than there are lines.",
                                            "As for `item_backed_off`."};
inline constexpr log_event members_unreadable{
    "members_unreadable", warn,
    "The members of a listed family cannot all be read; the known ones are swept.",
    "Correct the key that the message names."};
inline constexpr log_event members_readable{"members_readable", info, "They can be read again.", "Nothing."};
inline constexpr log_event turns_exceeded{"turns_exceeded", warn,
                                          "A plugin acts on more items than its turns allow.",
                                          "Tell the authors of the plugin."};
inline constexpr log_event function_undeclared{
    "function_undeclared", warn, "A plugin calls a function that its description does not name.",
    "Tell the authors of the plugin."};
inline constexpr log_event backlog_gauge_refused{
    "backlog_gauge_refused", warn, "A plugin's gauge cannot exist beside another metric of that name.",
    "Tell the authors of the plugin, or give the scanner another plugin."};
inline constexpr log_event state_lost{
    "state_lost", warn, "A new generation begins without the state of the one before.", "Nothing."};
inline constexpr log_event memory_grows{"memory_grows", warn,
                                        "The memory of a scanner grows steadily, as with a leak.",
                                        "See the runbook at `ScanhostMemoryGrows`."};
inline constexpr log_event memory_steady{"memory_steady", info, "It no longer does.", "Nothing."};
inline constexpr log_event memory_limit_ignored{
    "memory_limit_ignored", warn, "`memory_limit` has no effect, since this process does not count memory.",
    "Run the host with its own allocator."};

// The store.
inline constexpr log_event store_lost{
    "store_lost", warn,
    "The store does not answer; all scanners that lost it keep trying. One line for all of them.",
    "Bring it up, or correct `store` if the message says that it refuses."};
inline constexpr log_event store_connected{"store_connected", info, "All of them are connected again.",
                                           "Nothing."};
inline constexpr log_event store_warning{
    "store_warning", warn,
    "Something is wrong that does not keep the host from working, such as a password file that cannot be read.",
    "Follow the message."};
inline constexpr log_event store_node_left{"store_node_left", info,
                                           "A node is no primary of the cluster any more.", "Nothing."};
inline constexpr log_event store_troubled{"store_troubled", warn,
                                          "The server refuses commands for a state that passes by itself.",
                                          "What the message says helps; scanners go on by themselves."};
inline constexpr log_event store_refuses{"store_refuses", error,
                                         "The server refuses commands until somebody changes something.",
                                         "Free the disk, or correct `run.audit`, as the message says."};
inline constexpr log_event store_recovered{"store_recovered", info, "That state is over.", "Nothing."};
inline constexpr log_event clock_unknown{"clock_unknown", warn,
                                         "A server does not answer TIME, so its partitions count as failed.",
                                         "Look at the server."};
inline constexpr log_event functions_missing{
    "functions_missing", error, "The server no longer has functions that a scanner needs.",
    "`scanhost functions install --config FILE`, or start the engine that loads its own."};
inline constexpr log_event functions_present{"functions_present", info, "The server has them again.",
                                             "Nothing."};
inline constexpr log_event functions_unlisted{
    "functions_unlisted", warn, "The functions of the server cannot be listed, so changes are not seen.",
    "Give the user of the host the right to `FUNCTION LIST`."};
inline constexpr log_event scanner_rests{
    "scanner_rests", info, "With `enabled: auto`: the server does not have the functions of a scanner.",
    "Nothing."};
inline constexpr log_event scanner_wakes{"scanner_wakes", info,
                                         "The server has them now, and the scanner starts.", "Nothing."};

// The gate.
inline constexpr log_event dry_run_active{
    "dry_run_active", warn, "A scanner or the whole host runs dry: what may change the store is held back.",
    "Take `dry_run` out of the configuration when it has served."};
inline constexpr log_event dry_run_held_back{"dry_run_held_back", info,
                                             "What a cycle of a dry run would have sent.", "Nothing."};
inline constexpr log_event command_not_permitted{
    "command_not_permitted", warn,
    "A plugin sent a command that `permissions` does not allow; it was refused to the plugin.",
    "Correct `permissions`, or tell the authors of the plugin."};
inline constexpr log_event commands_unknown{
    "commands_unknown", warn,
    "The server does not let the host read COMMAND, so that few commands count as reads.",
    "Allow the user `+command`."};
inline constexpr log_event audit_failing{"audit_failing", error, "The audit cannot be written.",
                                         "Free the disk, or correct `run.audit`, as the message says."};
inline constexpr log_event audit_resumed{"audit_resumed", info, "The audit is written again.", "Nothing."};

}  // namespace events

inline constexpr std::array log_events{events::host_listening,
                                       events::token_unreadable,
                                       events::control_socket_opened,
                                       events::control_socket_missing,
                                       events::store_awaited,
                                       events::host_started,
                                       events::host_alive,
                                       events::host_stopping,
                                       events::host_stopped,
                                       events::host_crashed,
                                       events::log_lines_dropped,
                                       events::file_changed,
                                       events::file_watch_degraded,
                                       events::reload_requested,
                                       events::reload_finished,
                                       events::reload_refused,
                                       events::reload_failed,
                                       events::configuration_accepted,
                                       events::build_refused,
                                       events::build_rolled_back,
                                       events::build_released,
                                       events::probation_passed,
                                       events::build_not_kept,
                                       events::last_good_build_used,
                                       events::last_good_build_unusable,
                                       events::build_stays_mapped,
                                       events::state_file_unreadable,
                                       events::scanner_started,
                                       events::generation_began,
                                       events::scanner_adjusted,
                                       events::scanner_stopped,
                                       events::scanner_left_out,
                                       events::scanner_not_started,
                                       events::scanner_activity,
                                       events::scanner_paused,
                                       events::scanner_resumed,
                                       events::items_retried,
                                       events::pauses_unknown,
                                       events::pause_not_saved,
                                       events::pause_kept,
                                       events::partitions_differ,
                                       events::partitions_agree,
                                       events::log_level_changed,
                                       events::options_refused,
                                       events::scanner_restarts,
                                       events::scanner_thread_failed,
                                       events::plugin_stuck,
                                       events::generation_abandoned,
                                       events::stop_delayed,
                                       events::plugin_stuck_at_stop,
                                       events::scan_timed_out,
                                       events::plugin_message,
                                       events::item_backed_off,
                                       events::items_backed_off,
                                       events::members_unreadable,
                                       events::members_readable,
                                       events::turns_exceeded,
                                       events::function_undeclared,
                                       events::backlog_gauge_refused,
                                       events::state_lost,
                                       events::memory_grows,
                                       events::memory_steady,
                                       events::memory_limit_ignored,
                                       events::store_lost,
                                       events::store_connected,
                                       events::store_warning,
                                       events::store_node_left,
                                       events::store_troubled,
                                       events::store_refuses,
                                       events::store_recovered,
                                       events::clock_unknown,
                                       events::functions_missing,
                                       events::functions_present,
                                       events::functions_unlisted,
                                       events::scanner_rests,
                                       events::scanner_wakes,
                                       events::dry_run_active,
                                       events::dry_run_held_back,
                                       events::command_not_permitted,
                                       events::commands_unknown,
                                       events::audit_failing,
                                       events::audit_resumed};

}  // namespace scanhost::base
