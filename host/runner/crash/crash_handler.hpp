// SPDX-License-Identifier: Apache-2.0
//
// On a fatal signal: one line that says which scanner, generation, build and entry the thread was in, to the
// crash record (runner/crash/crash_records.hpp) and to standard error; then the end that it would have had
// anyway, core dump included.
#pragma once

#include <filesystem>
#include <memory>

#include "base/error.hpp"

namespace scanhost::runner {

// For SIGSEGV, SIGBUS, SIGILL, SIGFPE and SIGABRT. At most one at a time, made and destroyed on the main
// thread: before the first scanner starts and after the last one was joined. Threads of the runner have a
// stack for it of their own, and the calling thread gets one.
class crash_handler {
 public:
  virtual ~crash_handler() = default;  // the handlers from before count again; the record goes

  // `place` is the folder that holds the folders of the hosts. Collect the crashes of dead hosts with
  // collect_crashes().
  static base::result<std::unique_ptr<crash_handler>> install(const std::filesystem::path& place);
};

}  // namespace scanhost::runner
