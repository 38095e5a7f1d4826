// SPDX-License-Identifier: Apache-2.0
//
// Takes secrets out of texts that somebody else wrote and that are about to be shown.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/secret.hpp"

namespace scanhost::base {

class redaction {
 public:
  // Shorter secrets stay in texts: taking out every "a" would show the secret and spoil the text.
  static constexpr std::size_t min_size = 4;  // bytes

  redaction() = default;
  explicit redaction(const std::vector<secret>& secrets);

  // True: there is nothing to take out of any text.
  bool empty() const noexcept { return secrets_.empty(); }

  // The text with *** for each secret.
  std::string apply(std::string_view text) const;

 private:
  std::vector<std::string> secrets_;  // the longest first: one may be part of another
};

}  // namespace scanhost::base
