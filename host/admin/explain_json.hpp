// SPDX-License-Identifier: Apache-2.0
//
// Where an item stands with each scanner as JSON, for `scanhost ctl explain`, the page and scripts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "admin/item_verdict.hpp"
#include "base/clock.hpp"

namespace scanhost::admin {

// {"version": 1, "item": "...", "at_ms": ..., "scanners": [...]}: those that act on the item come first, the
// next one before the others; then those that do not; then those that have nothing to do with it. Texts are
// as base::escaped gives them; what is not known is null.
std::string explain_json(std::string_view item, base::timestamp now,
                         const std::vector<scanner_explanation>& explained);

}  // namespace scanhost::admin
