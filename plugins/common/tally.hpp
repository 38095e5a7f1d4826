// SPDX-License-Identifier: Apache-2.0
//
// Counting one scan, and telling the failure tracker what became of its items.
#pragma once

#include <scanhost/scanner.hpp>
#include <string>
#include <string_view>

namespace ff {

// Text from the store as it may stand in a log line: printable ASCII, everything else escaped, at most a
// few hundred bytes.
std::string printable(std::string_view text);

// Why a command failed; with what to do about it where that is the same every time.
std::string cause(const scanhost::outcome& outcome);

class tally {
 public:
  // Of this scan, which has to outlive it.
  tally(scanhost::services host, const scanhost::scan_handle& scan)
      : host_(host), failures_(host.failures()), scan_(scan) {}

  // In back-off: passed over.
  bool should_skip(std::string_view item) const { return failures_.should_skip(scan_, item); }

  void add_skipped() { ++result_.skipped; }
  // Handled without a tracker.
  void add_processed(bool changed = true) {
    ++result_.processed;
    if (!changed) ++result_.unchanged;
  }
  // Handled: its failures are forgotten.
  void add_handled(std::string_view item, bool changed) {
    add_processed(changed);
    failures_.success(scan_, item);
  }
  // What it was tracked for has passed; not counted.
  void forget_failures(std::string_view item) { failures_.success(scan_, item); }
  // A call or read for the item failed.
  void add_failure(std::string_view item, std::string_view what, const scanhost::outcome& outcome);
  void add_failure(std::string_view item, std::string_view reason);
  // A failure that is no item's: a query, a malformed id.
  void add_error(std::string_view what, const scanhost::outcome& outcome);
  void add_error(std::string_view what);

  // A due candidate that is still waiting, and the next one to come.
  void note_waiting(scanhost::timestamp due);
  void note_next_due(std::optional<scanhost::timestamp> due);
  void set_backlog(std::uint64_t entries) { result_.backlog = entries; }

  // The host ends this scan: what was counted is reported, and nothing more is asked for.
  void cancel() noexcept { cancelled_ = true; }
  bool cancelled() const noexcept { return cancelled_; }

  const scanhost::services& host() const noexcept { return host_; }
  const scanhost::result& result() const noexcept { return result_; }

 private:
  scanhost::services host_;
  scanhost::failures failures_;
  const scanhost::scan_handle& scan_;
  scanhost::result result_;
  bool cancelled_ = false;
};

}  // namespace ff
