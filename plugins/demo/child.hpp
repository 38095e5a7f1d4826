// SPDX-License-Identifier: Apache-2.0
//
// A program that the demo starts and ends.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace scanhost::demo {

// Runs in a process group of its own, so that a Ctrl-C of the terminal reaches the demo alone, and
// dies with the demo. Whoever owns the object owns the process.
class child {
 public:
  // Starts it with its output going to a file. Throws problem.
  child(const std::vector<std::string>& arguments, const std::filesystem::path& output);
  child(const child&) = delete;
  child& operator=(const child&) = delete;
  ~child();  // ends it, by force if need be

  pid_t pid() const noexcept { return pid_; }
  bool running();
  // Its exit code once it has ended, 128 + the signal's number if a signal ended it; none: not within
  // `patience`.
  std::optional<int> wait(std::chrono::milliseconds patience);
  // SIGTERM, then waits; none: it did not end, and was killed.
  std::optional<int> stop(std::chrono::milliseconds patience);

 private:
  bool reap(int flags);

  pid_t pid_ = -1;
  std::optional<int> ended_;
};

}  // namespace scanhost::demo
