// SPDX-License-Identifier: Apache-2.0
//
// Memory that is lent to a plugin, each piece on its own pages: read-only while it is lent and inaccessible
// afterwards. So a plugin that reads a reply too late, or writes to one, is caught at that access.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "scanhost/testing/lent.hpp"

namespace scanhost::verify {

class reply_memory final : public testing::lending_memory {
 public:
  reply_memory();  // throws std::bad_alloc if the system has no address space left
  ~reply_memory() override;
  reply_memory(const reply_memory&) = delete;
  reply_memory& operator=(const reply_memory&) = delete;

  piece take(std::size_t size) override;  // zeroed too
  void seal(piece lent) noexcept override;
  void give_back(piece lent) noexcept override;

  enum class place { elsewhere, lent, given_back };
  // Async-signal-safe: for the handler of SIGSEGV.
  place look(const void* address) const noexcept;

 private:
  std::byte* begin_;
  std::size_t next_ = 0;    // no page is reused before all have been used
  std::vector<bool> gone_;  // by page
};

}  // namespace scanhost::verify
