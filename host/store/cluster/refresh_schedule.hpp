// SPDX-License-Identifier: Apache-2.0
//
// When to ask a cluster for its topology: at once when something hints at a change, but not more often than
// makes sense and never twice at a time; now and then without a reason. Pure.
#pragma once

#include <algorithm>
#include <optional>

#include "base/clock.hpp"

namespace scanhost::store {

class refresh_schedule {
 public:
  static constexpr base::milliseconds min_distance{100};  // from one question to the next
  static constexpr base::milliseconds retry{250};         // after an answer that is missing or incomplete
  static constexpr base::milliseconds period{60'000};

  // A hint: a redirect, or a node that cannot be reached. One that comes while a question is under way leads
  // to another question, since the answer may be older.
  void request(base::steady_time now) noexcept {
    const auto soon = last_ ? std::max(now, *last_ + min_distance) : now;
    due_ = due_ ? std::min(*due_, soon) : soon;
  }

  void begin(base::steady_time now) noexcept {
    asking_ = true;
    last_ = now;
    due_.reset();
  }

  // `answered`: and all is as it should be. `random`: in [0, 1), so that the scanners of a host do not all
  // ask at the same moment.
  void end(base::steady_time now, bool answered, double random) noexcept {
    asking_ = false;
    const auto jitter = 0.5 + 0.5 * random;
    const auto wait = std::chrono::duration_cast<base::milliseconds>((answered ? period : retry) * jitter);
    due_ = due_ ? std::min(*due_, now + wait) : now + wait;
  }

  bool asking() const noexcept { return asking_; }

  // When to ask next. None: the answer has to come first, or nobody needs one yet.
  std::optional<base::steady_time> due() const noexcept { return asking_ ? std::nullopt : due_; }

 private:
  bool asking_ = false;
  std::optional<base::steady_time> last_;
  std::optional<base::steady_time> due_;
};

}  // namespace scanhost::store
