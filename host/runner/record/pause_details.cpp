// SPDX-License-Identifier: Apache-2.0
#include "runner/record/pause_details.hpp"

#include "base/time_text.hpp"

namespace scanhost::runner {

std::string to_text(const pause_details& pause) {
  std::string text = "paused";
  if (!pause.by.empty()) text += " by " + pause.by;
  if (pause.at != base::timestamp{}) text += " since " + base::utc_text(pause.at);
  if (pause.until) text += " until " + base::utc_text(*pause.until);
  if (!pause.reason.empty()) text += ": " + pause.reason;
  return text;
}

}  // namespace scanhost::runner
