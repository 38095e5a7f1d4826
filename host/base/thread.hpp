// SPDX-License-Identifier: Apache-2.0
//
// A thread with a name and a small stack: fifteen scanners should not cost fifteen times eight MiB of
// address space, and should be told apart in top and in a core dump. Its signal handlers have a stack of
// their own.
#pragma once

#include <pthread.h>

#include <functional>
#include <string>

namespace scanhost::base {

class thread {
 public:
  thread() = default;
  ~thread();  // left to itself when it was not joined
  thread(const thread&) = delete;
  thread& operator=(const thread&) = delete;

  // Throws std::system_error when there can be no more threads.
  void start(const std::string& name, std::function<void()> body);
  void join();

  // After join(): does a thread run on that was started from this one, or from another of its name? Threads
  // inherit the name of whoever starts them; one that took another is not seen. Waits a moment for those that
  // are about to end.
  bool left_threads() const;

 private:
  std::string name_;
  pthread_t handle_{};
  bool started_ = false;
};

}  // namespace scanhost::base
