// SPDX-License-Identifier: Apache-2.0
//
// A second stack for the calling thread's signal handlers, so that a plugin that used up the first one can
// still be named.
#pragma once

#include <csignal>
#include <cstddef>

namespace scanhost::base {

// Create and destroy it on the same thread. If there is no memory for it the thread has none.
class alternate_stack {
 public:
  alternate_stack() noexcept;
  ~alternate_stack();  // the previous one is used again
  alternate_stack(const alternate_stack&) = delete;
  alternate_stack& operator=(const alternate_stack&) = delete;

 private:
  void* mapped_ = nullptr;
  std::size_t size_ = 0;  // the guard page included
  stack_t before_{};
};

}  // namespace scanhost::base
