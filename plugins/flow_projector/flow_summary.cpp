// SPDX-License-Identifier: Apache-2.0
#include "flow_projector/flow_summary.hpp"

namespace ff {
namespace {

enum : std::size_t {
  completed,
  failed,
  cancelled,
  expired,
  skipped,
  active,
  suspended,
  waiting,
  delayed,
  rate_limited,
  waiting_children
};

}  // namespace

void flow_summary::count(std::string_view public_state) noexcept {
  ++counted_;
  for (std::size_t i = 0; i < states.size(); ++i)
    if (states[i] == public_state) ++counts_[i];
}

bool flow_summary::all_ended() const noexcept {
  return counted_ > 0 && counted_ == counts_[completed] + counts_[skipped] + counts_[failed] +
                                         counts_[cancelled] + counts_[expired];
}

std::string_view flow_summary::flow_state() const noexcept {
  if (all_ended())
    return counts_[failed] + counts_[cancelled] + counts_[expired] > 0 ? "failed" : "completed";
  if (counts_[active] > 0) return "running";
  const auto blocked =
      counts_[suspended] + counts_[delayed] + counts_[rate_limited] + counts_[waiting_children];
  return blocked > 0 ? "blocked" : "open";
}

}  // namespace ff
