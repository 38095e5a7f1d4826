// SPDX-License-Identifier: Apache-2.0
#include "runner/scan/swept_family.hpp"

#include <array>
#include <charconv>

namespace scanhost::runner {

std::string swept_family::tag(std::uint32_t partition) const {
  const auto star = tag_pattern.find('*');
  if (star == std::string::npos) return tag_pattern;
  std::array<char, 10> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), partition).ptr;
  std::string text(tag_pattern, 0, star);
  text.append(digits.data(), end);
  return text.append(tag_pattern, star + 1);
}

}  // namespace scanhost::runner
