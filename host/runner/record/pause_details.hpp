// SPDX-License-Identifier: Apache-2.0
//
// What is known of a scanner's pause.
#pragma once

#include <optional>
#include <string>

#include "base/clock.hpp"

namespace scanhost::runner {

struct pause_details {
  std::string by;                        // who asked for it: "root", "the page (127.0.0.1)"; empty: not known
  std::string reason;                    // one line of plain text; empty: none was given
  base::timestamp at{};                  // when it began
  std::optional<base::timestamp> until;  // when it ends by itself; none: when somebody resumes the scanner

  bool operator==(const pause_details&) const = default;
};

// "paused by root since 2026-11-28T20:15:00Z until 2026-11-28T22:15:00Z: the queue is migrated"
std::string to_text(const pause_details& pause);

}  // namespace scanhost::runner
