// SPDX-License-Identifier: Apache-2.0
//
// What one scanner's plugin says about one item (scanhost.explain/1): plain values, made on the generation's
// thread, read by admin.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "scanhost/explanation.hpp"

namespace scanhost::runner {

// "not_here", as in the headers of the SDK.
std::string_view to_text(standing where) noexcept;

struct item_finding {
  std::string partition;  // its tag; empty: it has none
  standing where = standing::unknown;
  std::string index;  // empty: none
  std::optional<double> score;
  std::optional<base::timestamp> due;
  std::string reason;
};

struct item_explanation {
  std::vector<item_finding> findings;
  std::uint32_t partitions_asked = 0;
  std::uint32_t partitions = 0;  // that the scanner has
  std::string problem;           // why there are no findings, or not all; empty: nothing is wrong
};

struct item_question {
  std::string item;  // any bytes
  base::steady_time deadline{};
  // Is called at most once, on the thread of the generation or of who asks: not at all where that thread
  // hangs or ends.
  std::function<void(item_explanation)> on_explained;
};

}  // namespace scanhost::runner
