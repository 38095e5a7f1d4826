// SPDX-License-Identifier: Apache-2.0
//
// Where the program or a shared library lies in memory, to name a place in its code as tools do that read the
// file.
#pragma once

#include <cstdint>
#include <optional>

namespace scanhost::base {

struct mapped_range {
  std::uintptr_t begin = 0;
  std::uintptr_t end = 0;
  std::uintptr_t load_address = 0;  // an address minus this is the address in the file, as addr2line takes it

  bool contains(std::uintptr_t address) const noexcept { return begin <= address && address < end; }
};

// The range of the program or library that holds this address; none: neither does. Takes the dynamic loader's
// lock.
std::optional<mapped_range> find_mapped_range(const void* address);

}  // namespace scanhost::base
