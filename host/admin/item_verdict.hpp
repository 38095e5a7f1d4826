// SPDX-License-Identifier: Apache-2.0
//
// What a scanner will do about an item: from what its plugin says and what the host knows. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "runner/record/failing_items.hpp"
#include "runner/record/item_explanation.hpp"
#include "runner/record/status.hpp"

namespace scanhost::admin {

struct scanner_explanation {
  runner::scanner_status status;
  runner::failure_list failures;    // of the item
  runner::item_explanation answer;  // by the plugin
};

struct item_verdict {
  standing where = standing::unknown;  // the one of the findings that says most
  bool acts = false;                   // if nothing changes
  std::optional<base::timestamp>
      at;  // when it acts, at the earliest; none: it does not, or that is not known
  std::vector<std::string> obstacles;  // why it does not act although it is due or waiting, as the host knows
};

item_verdict judge_item(const scanner_explanation& explained, base::timestamp now);

}  // namespace scanhost::admin
