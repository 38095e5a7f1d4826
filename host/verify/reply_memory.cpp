// SPDX-License-Identifier: Apache-2.0
#include "verify/reply_memory.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <new>

namespace scanhost::verify {
namespace {

constexpr std::size_t reserved = std::size_t{1} << 30;  // of addresses, not of memory

std::size_t page_size() noexcept {
  static const auto size = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  return size;
}

std::size_t whole_pages(std::size_t size) noexcept {
  return (size + page_size() - 1) / page_size() * page_size();
}

}  // namespace

reply_memory::reply_memory() {
  void* got = ::mmap(nullptr, reserved, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (got == MAP_FAILED) throw std::bad_alloc();
  begin_ = static_cast<std::byte*>(got);
  gone_.assign(reserved / page_size(), false);
}

reply_memory::~reply_memory() { ::munmap(begin_, reserved); }

// An inaccessible page follows each piece.
reply_memory::piece reply_memory::take(std::size_t size) {
  const auto length = whole_pages(size == 0 ? 1 : size);
  if (length + page_size() > reserved) throw std::bad_alloc();
  if (next_ + length + page_size() > reserved) next_ = 0;
  auto* at = begin_ + next_;
  for (std::size_t page = next_ / page_size(); page <= (next_ + length) / page_size(); ++page)
    gone_[page] = false;
  next_ += length + page_size();
  if (::mprotect(at, length, PROT_READ | PROT_WRITE) != 0) throw std::bad_alloc();
  return {at, length};
}

void reply_memory::seal(piece lent) noexcept { ::mprotect(lent.data(), lent.size(), PROT_READ); }

void reply_memory::give_back(piece lent) noexcept {
  ::madvise(lent.data(), lent.size(), MADV_DONTNEED);
  ::mprotect(lent.data(), lent.size(), PROT_NONE);
  const auto first = static_cast<std::size_t>(lent.data() - begin_) / page_size();
  for (std::size_t page = first; page < first + lent.size() / page_size(); ++page) gone_[page] = true;
}

reply_memory::place reply_memory::look(const void* address) const noexcept {
  const auto at = reinterpret_cast<std::uintptr_t>(address);
  const auto begin = reinterpret_cast<std::uintptr_t>(begin_);
  if (at < begin || at - begin >= reserved) return place::elsewhere;
  return gone_[(at - begin) / page_size()] ? place::given_back : place::lent;
}

}  // namespace scanhost::verify
