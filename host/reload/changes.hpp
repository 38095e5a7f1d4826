// SPDX-License-Identifier: Apache-2.0
//
// What must change so that what runs becomes the target. Pure: the plan of a reload, which `ctl plan` shows
// and a reload follows.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/settings.hpp"
#include "plan/scanner_plan.hpp"

namespace scanhost::reload {

// `adjusted`: what runs goes on, with another log level.
enum class change_kind { added, removed, replaced, adjusted, unchanged };

std::string_view to_text(change_kind kind) noexcept;

struct change {
  std::string scanner;
  change_kind kind = change_kind::unchanged;
  // Why it is replaced or adjusted, one reason each: "interval 1500ms -> 750ms", "build 12ab34cd5678 ->
  // ffee00112233". Of options and of the store only names, never values: "option queues changed", "store:
  // password". For the history, the log and everybody.
  std::vector<std::string> reasons;
  // The same with the values of options that are no secret: "option queues [mail] -> [sms]". Only for those
  // who may use the control socket.
  std::vector<std::string> details;
};

struct changes {
  std::vector<change> scanners;  // in the order of the target, then the removed ones
  // What a running host cannot change: "admin.listen 127.0.0.1:9464 -> 127.0.0.1:9465".
  std::vector<std::string> need_restart;
  // Scanners that will wait: "a waits for the function f of the library 'x'".
  std::vector<std::string> waits = {};
  std::vector<std::string> pauses = {};  // see pause_notes()
};

// Both hold only scanners that shall run, each name once.
std::vector<change> find_changes(const std::vector<plan::scanner_plan>& now,
                                 const std::vector<plan::scanner_plan>& target);

// `now`: what the host was started with.
std::vector<std::string> find_restart_needs(const config::settings& now, const config::settings& target);

// The keys that restart needs begin with: "admin.listen".
std::vector<std::string> keys_of(const std::vector<std::string>& restart_needs);

// For `ctl plan`: several lines, the last one ended.
std::string to_text(const changes& found);

// {"scanners": [{"scanner", "kind", "reasons"}], "need_restart": [...], "waits": [...], "pauses": [...]} and
// a newline.
std::string to_json(const changes& found);

}  // namespace scanhost::reload
