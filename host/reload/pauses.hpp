// SPDX-License-Identifier: Apache-2.0
//
// Which scanners are paused, by whom, why and until when. Pauses outlive the host: they are kept in
// `pauses.json` in the place of the staging folders. Several hosts may share the place: each has its own
// entries, by its configuration file.
//
// A pause belongs to a scanner's name. It holds for a scanner that a reload adds under that name, and stays
// while the configuration has no such scanner, until it ends or somebody resumes that name.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "reload/state_document.hpp"
#include "runner/record/pause_details.hpp"

namespace scanhost::reload {

// What is asked for, as it was typed.
struct pause_request {
  std::string by;
  std::optional<std::string> reason;
  std::optional<std::string> span;  // a duration in the form of the configuration: "2h"
};

// The pause that begins `now`, or what is wrong with the request: a reason that is empty, is longer than 200
// bytes or has more in it than one line of text; a span that is no duration from 1s to 365d.
base::result<runner::pause_details> check_pause(const pause_request& request, base::timestamp now);

using pause_entries = std::map<std::string, runner::pause_details>;  // by scanner

// What the operator ought to know of pauses when the scanners `before` become the scanners `after`: who
// starts paused, and which pauses belong to no scanner. A sentence each.
std::vector<std::string> pause_notes(const pause_entries& pauses, const std::set<std::string>& before,
                                     const std::set<std::string>& after);

class pauses {
 public:
  // `warn` is called when the file cannot be parsed; the file is then moved aside, never deleted.
  pauses(std::filesystem::path place, const std::filesystem::path& config_file,
         std::function<void(const std::string&)> warn);

  // --- any thread; the disk is not waited for

  // A later pause of the same scanner replaces the one before.
  void set(const std::string& scanner, runner::pause_details pause);
  // False: there is none.
  bool end(const std::string& scanner);
  // Ends those whose time has come, and returns them.
  pause_entries end_those_over(base::timestamp now);
  pause_entries entries() const;
  // Calls `apply` with the scanner's pause (null: there is none); nobody can change it meanwhile.
  void visit(const std::string& scanner,
             const std::function<void(const runner::pause_details*)>& apply) const;
  // Whether the file says something else.
  bool unsaved() const;

  // --- one thread at a time; these wait for the disk

  // Takes what the file says. An error: it cannot be read, and nothing is paused.
  base::result<void> load();
  // Everything that was set or ended before is on disk when it returns.
  base::result<void> save();

 private:
  const state_document document_;

  mutable std::mutex mutex_;
  pause_entries entries_;
  std::uint64_t changes_ = 0;
  std::uint64_t saved_changes_ = 0;
};

}  // namespace scanhost::reload
