// SPDX-License-Identifier: Apache-2.0
//
// The members that a plugin names in its begin_cycle. Pure.
#pragma once

#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "scanhost/detail/member_rules.hpp"

namespace scanhost::runner {

class member_offers {
 public:
  // Takes one more; one that was named before counts once. The reason why it does not; empty: it does.
  std::string_view add(std::string_view member) {
    if (const auto reason = detail::reason_to_refuse_member(member); !reason.empty()) return reason;
    if (seen_.contains(std::string(member))) return {};
    if (members_.size() == detail::max_members) return "is one more than the 65,535 that a family may have";
    seen_.emplace(member);
    members_.emplace_back(member);
    return {};
  }

  // In the order in which they were named; none are left.
  std::vector<std::string> take() {
    seen_.clear();
    return std::exchange(members_, {});
  }

 private:
  std::vector<std::string> members_;
  std::unordered_set<std::string> seen_;
};

}  // namespace scanhost::runner
