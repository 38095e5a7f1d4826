// SPDX-License-Identifier: Apache-2.0
#include "runner/record/status.hpp"

#include <array>

namespace scanhost::runner {

std::string_view to_text(scanner_state state) noexcept {
  constexpr std::array<std::string_view, 9> names{"starting", "waiting",           "cycling",
                                                  "resting",  "functions_missing", "backing_off",
                                                  "stuck",    "stopping",          "stopped"};
  const auto index = static_cast<std::size_t>(state);
  return index < names.size() ? names[index] : "unknown";
}

}  // namespace scanhost::runner
