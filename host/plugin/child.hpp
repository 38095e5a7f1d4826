// SPDX-License-Identifier: Apache-2.0
//
// A child process of this program in which a plugin is tried out, the parent's side: whatever the plugin does
// there, it harms only the child.
#pragma once

#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"

namespace scanhost::plugin {

// The plugin's file as the child sees it.
inline constexpr const char* child_file = "/proc/self/fd/3";

// How a child ended, and its output.
struct child_ending {
  bool timed_out = false;
  int wait_status = 0;    // as waitpid gives it
  std::string output;     // its report
  std::string complaint;  // the last line of its standard error, cut and cleaned
};

// "was ended by SIGSEGV", "ended the process with exit code 3".
std::string describe_end(int wait_status);

// Whether it was ended by the runtime of AddressSanitizer, which a plugin brought along too late.
bool lacks_sanitizer_runtime(const child_ending& ending) noexcept;
inline constexpr auto sanitizer_advice =
    "preload the runtime for scanhost (LD_PRELOAD=$(gcc -print-file-name=libasan.so) scanhost ...) and name it in plugins.allow_needed, or build the plugin without -fsanitize=address";

// Starts this program (posix_spawn of /proc/self/exe, never fork) with these arguments. It gets the file that
// is open as `fd` as its child_file, `input` on its standard input (the command line could be read by
// everybody), and no other descriptor of ours. Waits until it ended, at most `limit`; then it and all that it
// started are killed. An error: it could not be started.
base::result<child_ending> run_child(const std::vector<std::string>& arguments, int fd,
                                     base::milliseconds limit, const std::string& input = {});

}  // namespace scanhost::plugin
