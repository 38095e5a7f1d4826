// SPDX-License-Identifier: Apache-2.0
//
// On a fatal signal, writes one line that says which scanner, generation, build and entry the thread was in,
// to the crash record (runner/crash/crash_records.hpp) and to standard error. Then the process ends as it
// would have anyway, core dump included.
#pragma once

#include <filesystem>
#include <memory>

#include "base/alternate_stack.hpp"
#include "base/error.hpp"
#include "runner/crash/crash_records.hpp"

namespace scanhost::runner {

// For SIGSEGV, SIGBUS, SIGILL, SIGFPE and SIGABRT. At most one at a time, made and destroyed on the main
// thread: before the first scanner starts and after the last one was joined. The threads of scanners have an
// alternate stack for it, and the calling thread gets one.
class crash_handler {
 public:
  // `staging` is the folder that holds the folders of the hosts. Collect the crashes of dead hosts with
  // collect_crashes().
  static base::result<std::unique_ptr<crash_handler>> install(const std::filesystem::path& staging);

  explicit crash_handler(crash_record record);
  ~crash_handler();  // restores the handlers from before, and removes the record
  crash_handler(const crash_handler&) = delete;
  crash_handler& operator=(const crash_handler&) = delete;

 private:
  base::alternate_stack stack_;
  crash_record record_;
};

}  // namespace scanhost::runner
