// SPDX-License-Identifier: Apache-2.0
//
// On a fatal signal, writes to the crash record (runner/crash/crash_records.hpp) and to standard error which
// scanner, generation, build and entry the thread was in, where in the code it was, and its callers; and
// marks the staged copy of the build to be kept. Then the process ends as it would have anyway, core dump
// included.
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
  // collect_crashes(). `own_folder` is this host's folder there, which holds the staged copies; empty: no
  // copy is kept.
  static base::result<std::unique_ptr<crash_handler>> install(const std::filesystem::path& staging,
                                                              const std::filesystem::path& own_folder);

  crash_handler(crash_record record, const std::filesystem::path& own_folder);
  ~crash_handler();  // restores the handlers from before, and removes the record
  crash_handler(const crash_handler&) = delete;
  crash_handler& operator=(const crash_handler&) = delete;

 private:
  base::alternate_stack stack_;
  crash_record record_;
};

}  // namespace scanhost::runner
