// SPDX-License-Identifier: Apache-2.0
#include "verify/exercise.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/counted.hpp"

namespace scanhost::verify {

std::string to_text(const exercise& seen) {
  auto text = fmt::format("{}, {}, {}, {} of them acting", base::counted(seen.scans, "scan"),
                          base::counted(seen.turns, "page"), base::counted(seen.commands, "command"),
                          seen.acting_calls);
  if (!seen.unknown.empty())
    text += fmt::format("; the model of a store does not know {}", fmt::join(seen.unknown, ", "));
  return text;
}

}  // namespace scanhost::verify
