// SPDX-License-Identifier: Apache-2.0
//
// What a host that crashed leaves about its end, and how the next start reads it. Each host keeps one record
// open, `crash-<pid>-<random>.txt` in the staging folder, locked for as long as it lives: a record whose lock
// can be had belongs to a dead host. runner/crash/crash_handler.hpp writes the line.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/mapped_range.hpp"
#include "base/unique_fd.hpp"
#include "runner/crash/crash_place.hpp"

namespace scanhost::runner {

struct crash {
  std::string scanner;  // empty: the thread that crashed ran none
  std::uint64_t generation = 0;
  std::string sha256;   // of the scanner's build; empty: none was loaded
  std::string entry;    // "scan"; empty: in the host's own code
  std::string signal;   // "SIGSEGV"
  std::string address;  // "0x0"; empty: the signal has none
  // Where the code was, as "plugin+0x11b9", "host+0x2040" or "0x7f0012345678" (in another library). The first
  // two are addresses in the file: `addr2line -e FILE 0x11b9`. Empty: not known.
  std::string code;
  std::string copy;  // the name of the staged copy that ran; empty: none was open
  std::string
      trace;  // the callers, the innermost first, in the form of `code`, with commas; empty: not known
  base::timestamp at{};
};

// What the signal told of the fault.
struct fault_site {
  int signal = 0;
  const void* address = nullptr;
  std::uintptr_t code = 0;  // 0: not known
};

// Writes "scanner=lease_expiry generation=3 sha256=... entry=scan signal=SIGSEGV address=0x0
// code=plugin+0x11b9 copy=lease_expiry.3-1f2e.so\n" into `to`, cut where that is full, and returns what was
// written. Async-signal-safe. SIGABRT has no `address`.
std::string_view write_crash_line(std::span<char> to, const crash_place::place& place, const fault_site& site,
                                  const base::mapped_range& host) noexcept;

// Writes "trace=plugin+0x11b9,host+0x2040\n" likewise.
std::string_view write_trace_line(std::span<char> to, const crash_place::place& place,
                                  std::span<void* const> frames, const base::mapped_range& host) noexcept;

// Reads the lines of write_crash_line and, where it is there, of write_trace_line, with or without an end;
// none: it is something else.
std::optional<crash> parse_crash_lines(std::string_view lines);

// The record of the running host. Removed when this is destroyed.
class crash_record {
 public:
  static base::result<crash_record> open(const std::filesystem::path& staging);
  crash_record(std::filesystem::path file, base::unique_fd fd) noexcept;
  crash_record(crash_record&& other) noexcept;
  crash_record& operator=(crash_record&&) = delete;
  ~crash_record();

  int fd() const noexcept { return fd_.get(); }

 private:
  std::filesystem::path file_;  // empty: moved from
  base::unique_fd fd_;
};

// Reads and removes the records of dead hosts: each crash once, the oldest first. A host that was killed
// from outside left an empty record, which does not count as a crash.
base::result<std::vector<crash>> collect_crashes(const std::filesystem::path& staging);

}  // namespace scanhost::runner
