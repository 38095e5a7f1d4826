// SPDX-License-Identifier: Apache-2.0
#include "base/redaction.hpp"

#include <algorithm>

namespace scanhost::base {

redaction::redaction(const std::vector<secret>& secrets) {
  for (const auto& secret : secrets)
    if (secret.reveal().size() >= min_size) secrets_.push_back(secret.reveal());
  std::sort(secrets_.begin(), secrets_.end(),
            [](const auto& left, const auto& right) { return left.size() > right.size(); });
}

std::string redaction::apply(std::string_view text) const {
  constexpr std::string_view mask = "***";
  std::string shown(text);
  for (const auto& secret : secrets_)
    for (auto at = shown.find(secret); at != std::string::npos; at = shown.find(secret, at + mask.size()))
      shown.replace(at, secret.size(), mask);
  return shown;
}

}  // namespace scanhost::base
