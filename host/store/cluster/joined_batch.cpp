// SPDX-License-Identifier: Apache-2.0
#include "store/cluster/joined_batch.hpp"

namespace scanhost::store {
namespace {

constexpr std::int32_t without_outcome = -1;

}  // namespace

joined_batch::joined_batch(std::size_t count)
    : outcomes_(count, scanhost_outcome{sizeof(scanhost_outcome), without_outcome, nullptr, {nullptr, 0}}),
      raw_{sizeof(scanhost_replies), sizeof(scanhost_outcome), count, outcomes_.data()} {}

bool joined_batch::is_open(std::size_t index) const noexcept {
  return outcomes_[index].kind == without_outcome;
}

void joined_batch::settle(std::size_t index, std::int32_t kind, std::string_view message) {
  const auto& kept = messages_.emplace_back(message);
  outcomes_[index].kind = kind;
  outcomes_[index].message = {kept.data(), kept.size()};
}

void joined_batch::settle_open(std::int32_t kind, std::string_view message) {
  const auto& kept = messages_.emplace_back(message);
  for (auto& outcome : outcomes_) {
    if (outcome.kind != without_outcome) continue;
    outcome.kind = kind;
    outcome.message = {kept.data(), kept.size()};
  }
}

}  // namespace scanhost::store
