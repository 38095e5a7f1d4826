// SPDX-License-Identifier: Apache-2.0
//
// A program that the demo starts and ends.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace scanhost::demo {

// Runs in a process group of its own, so that a Ctrl-C of the terminal reaches the demo alone, and dies with
// the demo. Whoever owns the object owns the process.
class child_process {
 public:
  // Starts the program with its output appended to a file. Throws problem.
  child_process(const std::vector<std::string>& arguments, const std::filesystem::path& output);
  child_process(const child_process&) = delete;
  child_process& operator=(const child_process&) = delete;
  ~child_process() { stop(std::chrono::seconds(5)); }

  bool is_running() { return !reap(false); }
  // Its exit code, 128 + the signal's number if a signal ended it; none: it did not end within `patience`.
  std::optional<int> wait(std::chrono::milliseconds patience);
  // SIGTERM, then waits; none: it did not end, and was killed.
  std::optional<int> stop(std::chrono::milliseconds patience);

 private:
  bool reap(bool waiting);

  pid_t pid_ = -1;
  std::optional<int> exit_code_;
};

// Waits until `ready`, or until the user interrupts. Throws problem, with the end of the program's log, when
// the program ends before that or takes longer than `patience`.
void wait_until_ready(child_process& program, const std::string& name, const std::filesystem::path& log,
                      std::chrono::milliseconds patience, const std::function<bool()>& ready);

}  // namespace scanhost::demo
