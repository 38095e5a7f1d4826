// SPDX-License-Identifier: Apache-2.0
#include "runner/scan/scan.hpp"

#include <fmt/format.h>

namespace scanhost::runner {

std::string name_of(const scanhost_scan& scan) {
  return fmt::format("partition {}{}{}", scan.partition, scan.tag.empty() ? "" : " ", scan.tag);
}

}  // namespace scanhost::runner
