// SPDX-License-Identifier: Apache-2.0
#include "base/alternate_stack.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>

namespace scanhost::base {

namespace {

// Mapped, so its pages cost nothing before a signal comes. SIGSTKSZ grows with the processor's registers.
std::size_t usable_size(std::size_t page) {
  const auto asked = std::max<std::size_t>(std::size_t{32} << 10U, static_cast<std::size_t>(SIGSTKSZ));
  return (asked + page - 1) / page * page;
}

}  // namespace

alternate_stack::alternate_stack() noexcept {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const auto usable = usable_size(page);
  void* mapped =
      ::mmap(nullptr, page + usable, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED) return;
  mapped_ = mapped;
  size_ = page + usable;
  stack_t mine{};
  mine.ss_sp = static_cast<char*>(mapped) + page;  // stacks grow down, towards the guard
  mine.ss_size = usable;
  if (::mprotect(mine.ss_sp, usable, PROT_READ | PROT_WRITE) == 0 && ::sigaltstack(&mine, &before_) == 0)
    return;
  ::munmap(mapped_, size_);
  mapped_ = nullptr;
}

alternate_stack::~alternate_stack() {
  if (mapped_ == nullptr) return;
  ::sigaltstack(&before_, nullptr);
  ::munmap(mapped_, size_);
}

}  // namespace scanhost::base
