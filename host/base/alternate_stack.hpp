// SPDX-License-Identifier: Apache-2.0
//
// A second stack for the calling thread's signal handlers, so that a plugin that used up the first one can
// still be named.
#pragma once

#include <csignal>
#include <cstddef>

namespace scanhost::base {

// Make and destroy it on the same thread. Without memory for it the thread does without.
class alternate_stack {
 public:
  alternate_stack() noexcept;
  ~alternate_stack();  // the one from before counts again
  alternate_stack(const alternate_stack&) = delete;
  alternate_stack& operator=(const alternate_stack&) = delete;

 private:
  void* mapped_ = nullptr;
  std::size_t size_ = 0;  // the guard page included
  stack_t before_{};
};

}  // namespace scanhost::base
