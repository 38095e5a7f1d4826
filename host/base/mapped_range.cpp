// SPDX-License-Identifier: Apache-2.0
#include "base/mapped_range.hpp"

#include <link.h>

#include <algorithm>

namespace scanhost::base {
namespace {

struct range_search {
  std::uintptr_t address;
  std::optional<mapped_range> found = {};
};

mapped_range range_of(const dl_phdr_info& object) noexcept {
  mapped_range range{UINTPTR_MAX, 0, object.dlpi_addr};
  for (int i = 0; i < object.dlpi_phnum; ++i) {
    const auto& segment = object.dlpi_phdr[i];
    if (segment.p_type != PT_LOAD) continue;
    const auto begin = object.dlpi_addr + segment.p_vaddr;
    range.begin = std::min<std::uintptr_t>(range.begin, begin);
    range.end = std::max<std::uintptr_t>(range.end, begin + segment.p_memsz);
  }
  return range;
}

}  // namespace

std::optional<mapped_range> find_mapped_range(const void* address) {
  range_search search{reinterpret_cast<std::uintptr_t>(address)};
  ::dl_iterate_phdr(
      [](dl_phdr_info* object, std::size_t, void* given) {
        auto& current = *static_cast<range_search*>(given);
        const auto range = range_of(*object);
        if (!range.contains(current.address)) return 0;
        current.found = range;
        return 1;
      },
      &search);
  return search.found;
}

}  // namespace scanhost::base
