// SPDX-License-Identifier: Apache-2.0
//
// The outcomes of commands that were never sent because their scan was cancelled.
#include "runner/scan/cancelled_batch.hpp"

#include <string_view>
#include <vector>

namespace scanhost::runner {

namespace {

class cancelled final : public store::reply_batch {
 public:
  explicit cancelled(std::size_t count) {
    constexpr std::string_view message = "the scan was cancelled";
    outcomes_.resize(
        count,
        {sizeof(scanhost_outcome), SCANHOST_OUTCOME_CANCELLED, nullptr, {message.data(), message.size()}});
    raw_ = {sizeof raw_, sizeof(scanhost_outcome), outcomes_.size(), outcomes_.data()};
  }
  const scanhost_replies* raw() const noexcept override { return &raw_; }

 private:
  std::vector<scanhost_outcome> outcomes_;
  scanhost_replies raw_{};
};

}  // namespace

std::unique_ptr<store::reply_batch> cancelled_batch(std::size_t count) {
  return std::make_unique<cancelled>(count);
}

}  // namespace scanhost::runner
