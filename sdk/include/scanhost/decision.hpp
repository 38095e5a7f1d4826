// SPDX-License-Identifier: Apache-2.0
//
// What a scanner decides about a candidate of a sweep, and what a reply to its call means.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "command.hpp"
#include "reply.hpp"

namespace scanhost::inline v1_0 {

// What is to be done with a candidate. A command converts by itself: make this call.
class decision {
 public:
  enum class kind { undecided, act, leave, unchanged, skip, fail };

  // Makes this call, which the sweep marks as acting on the candidate.
  decision(command call) : kind_(kind::act), call_(std::move(call)) {}
  // Nothing: leaves the candidate alone, as leave().
  decision(std::optional<command> call) : kind_(call ? kind::act : kind::leave), call_(std::move(call)) {}

  // Not for this scan: it stays, and is not counted.
  static decision leave() { return decision(kind::leave); }
  // It was looked at, and no call is needed: processed and unchanged; it stays.
  static decision unchanged() { return decision(kind::unchanged); }
  // Passed over, as by a filter: counted as skipped; it stays.
  static decision skip() { return decision(kind::skip); }
  // It cannot be handled: an error, counted against the candidate; it stays.
  static decision fail(std::string reason) {
    decision failed(kind::fail);
    failed.reason_ = std::move(reason);
    return failed;
  }

  kind what() const noexcept { return kind_; }
  const std::string& reason() const noexcept { return reason_; }

  // For sweeps. Precondition: what() is kind::act.
  command& call() noexcept { return *call_; }
  static decision none() { return decision(kind::undecided); }

 private:
  explicit decision(kind what) noexcept : kind_(what) {}

  kind kind_;
  std::optional<command> call_;
  std::string reason_;
};

// What the reply to a call means. A bool converts by itself: whether the call changed something.
class verdict {
 public:
  verdict(bool changed) noexcept : changed_(changed) {}

  // The server answered, and the call failed all the same: an error, counted against the candidate.
  static verdict failed(std::string reason) {
    verdict bad(false);
    bad.reason_ = std::move(reason);
    return bad;
  }

  bool changed() const noexcept { return changed_; }
  const std::optional<std::string>& failure() const noexcept { return reason_; }

 private:
  bool changed_;
  std::optional<std::string> reason_;
};

// The verdict of a sweep that is given none: 0 and nil mean that nothing was changed, all else that something
// was.
struct changed_unless_zero {
  verdict operator()(const reply& answer) const noexcept {
    return !answer.is_nil() && !(answer.is_integer() && answer.integer() == 0);
  }
};

}  // namespace scanhost::inline v1_0
