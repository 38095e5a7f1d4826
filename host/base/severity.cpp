// SPDX-License-Identifier: Apache-2.0
#include "base/severity.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace scanhost::base {
namespace {

constexpr std::array<std::string_view, 6> severity_words{"trace", "debug", "info", "warn", "error", "off"};

}  // namespace

std::string_view to_text(severity level) noexcept {
  return severity_words.at(static_cast<std::size_t>(level));
}

std::optional<severity> severity_of(std::string_view name) noexcept {
  const auto found = std::ranges::find(severity_words, name);
  if (found == severity_words.end()) return std::nullopt;
  return static_cast<severity>(found - severity_words.begin());
}

}  // namespace scanhost::base
