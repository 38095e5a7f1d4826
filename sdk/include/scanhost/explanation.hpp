// SPDX-License-Identifier: Apache-2.0
//
// What a scanner says about one item, for an operator who asks where it stands; see ext/explain.h.
//
//   scanhost::task<void> explain(scanhost::scan_context& scan, scanhost::explanation& item) override {
//     const auto replies = co_await scan.execute(scanhost::command("ZSCORE", "carts:by_touch", item.name()));
//     if (replies.front().ok() && replies.front().reply().is_text())
//       item.add(scanhost::standing::due, "the cart is stale", "carts:by_touch");
//     else
//       item.add(scanhost::standing::not_here, "no cart of this name", "carts:by_touch");
//   }
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "ext/explain.h"
#include "text.hpp"

namespace scanhost::inline v1_0 {

// Where an item stands; the values are those of SCANHOST_STANDING_*, where each is explained.
enum class standing : std::int32_t {
  not_here = SCANHOST_STANDING_NOT_HERE,
  due = SCANHOST_STANDING_DUE,
  waiting = SCANHOST_STANDING_WAITING,
  held = SCANHOST_STANDING_HELD,
  filtered = SCANHOST_STANDING_FILTERED,
  in_order = SCANHOST_STANDING_IN_ORDER,
  malformed = SCANHOST_STANDING_MALFORMED,
  unknown = SCANHOST_STANDING_UNKNOWN
};

// What was found in one place; see scanhost_finding.
struct finding {
  standing where = standing::not_here;
  std::string reason = {};  // one sentence for people, without a full stop at its end; no secrets
  std::string index = {};   // the key in which it was looked for; empty: none
  std::optional<double> score = {};
  std::optional<timestamp> due = {};
};

// The item that is asked about, and where the findings go. Lives as long as the explanation.
class explanation {
 public:
  explanation(scanhost_string item, scanhost_report_finding report, void* reporter) noexcept
      : name_(view(item)), report_(report), reporter_(reporter) {}

  // Any bytes that an operator has typed.
  std::string_view name() const noexcept { return name_; }

  // At least one is expected. Those beyond SCANHOST_MAX_FINDINGS are dropped.
  void add(const finding& found) {
    scanhost_finding raw{};
    raw.struct_size = sizeof raw;
    raw.flags = found.score ? std::uint32_t{SCANHOST_FINDING_SCORE} : 0u;
    raw.standing = static_cast<std::int32_t>(found.where);
    raw.index = to_c(found.index);
    raw.score = found.score.value_or(0);
    raw.due_ms = found.due ? to_ms(*found.due) : 0;
    raw.reason = to_c(found.reason);
    report_(reporter_, &raw);
  }
  void add(standing where, std::string reason, std::string index = {}) {
    add(finding{.where = where, .reason = std::move(reason), .index = std::move(index)});
  }

 private:
  std::string_view name_;
  scanhost_report_finding report_;
  void* reporter_;
};

}  // namespace scanhost::inline v1_0
