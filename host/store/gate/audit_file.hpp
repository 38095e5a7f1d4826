// SPDX-License-Identifier: Apache-2.0
//
// The file with the audit of all scanners. Whoever adds a line only puts it into a queue; a thread of its own
// writes. A disk that is full or slow so costs lines, which are counted, but never a scanner's time. A line
// is written whole or not at all.
//
// The file grows to `max_size`; then it becomes FILE.1, the one before FILE.2, and so on. A file that was
// moved away by somebody else is created anew.
//
// The queue is two buffers that the file's own thread allocates: what a scanner's thread allocates and
// another frees would look like a leak of the scanner (runner/generation/memory_meter).
//
// Threads: any.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/thread.hpp"
#include "config/settings.hpp"

namespace scanhost::store {

class audit_file {
 public:
  // Starts the thread. A file that cannot be opened is a problem of writing: it is tried again.
  explicit audit_file(config::audit_settings settings);
  // Waits until the queue is written, at most 1 s.
  ~audit_file();
  audit_file(const audit_file&) = delete;
  audit_file& operator=(const audit_file&) = delete;

  // Never waits. The line has its newline.
  void add(std::string_view line);

  // Since the last call, of all who added lines.
  struct counts {
    std::uint64_t written = 0;
    std::uint64_t dropped = 0;  // the queue was full, or the file could not be written
  };
  counts take_counts();

  // What is to be logged: that it cannot be written any more, with the reason, or that it can again. Each
  // change once, to one caller.
  struct notice {
    bool failing = false;
    std::string text;
  };
  std::optional<notice> take_notice();

  static constexpr std::size_t max_queued = std::size_t{4} << 20;  // bytes

 private:
  class writer;
  std::shared_ptr<writer> writer_;  // shared with its thread, which a disk that hangs may keep
  base::thread thread_;             // has a name of its own: one with a scanner's counts as its plugin's
};

// The file of these settings, which all scanners of the process share. Null: changes are not recorded.
std::shared_ptr<audit_file> shared_audit_file(const config::audit_settings& settings);

}  // namespace scanhost::store
