// SPDX-License-Identifier: Apache-2.0
//
// A thread with a name and a small stack: many scanners should not cost eight MiB each of
// address space, and should be told apart in top and in a core dump. Its signal handlers have a stack of
// their own.
#pragma once

#include <pthread.h>

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace scanhost::base {

class thread {
 public:
  thread() = default;
  ~thread();  // detaches a thread that was not joined
  thread(const thread&) = delete;
  thread& operator=(const thread&) = delete;

  // Throws std::system_error if the system allows no more threads.
  void start(const std::string& name, std::function<void()> body);
  void join();

  // The time that the thread has spent on a processor; none: it is not running, or the system does not say.
  // Between start() and join(), from any thread.
  std::optional<std::chrono::nanoseconds> cpu_time() const noexcept;

  // After join(): whether a thread still runs that was started from this one, or from another of its name.
  // Threads inherit the name of the thread that starts them; one that renamed itself is missed. Waits a
  // moment for threads that are about to end.
  bool left_threads() const;

 private:
  std::string name_;
  pthread_t handle_{};
  bool started_ = false;
};

}  // namespace scanhost::base
