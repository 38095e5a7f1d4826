// SPDX-License-Identifier: Apache-2.0
#include "runner/scan/scan.hpp"

#include <fmt/format.h>

namespace scanhost::runner {

std::string name_of(const scanhost_scan& scan) {
  if (scan.entry) return *scan.entry == cycle_entry::begin ? "begin_cycle" : "end_cycle";
  return fmt::format("{} of partition {}{}{}", scan.explains ? "an explanation" : "the scan",
                     scan.lent_partition.index, scan.tag.empty() ? "" : " ", scan.tag);
}

}  // namespace scanhost::runner
