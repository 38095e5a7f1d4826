// SPDX-License-Identifier: Apache-2.0
#include "admin/host_check.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "config/addresses.hpp"

namespace scanhost::admin {
namespace {

bool digit(char c) noexcept { return c >= '0' && c <= '9'; }

bool same(std::string_view left, std::string_view right) {
  return std::ranges::equal(left, right, {}, base::to_lower, base::to_lower);
}

// Nothing, or ":" and digits.
bool port_or_nothing(std::string_view text) {
  if (text.empty()) return true;
  return text.front() == ':' && std::all_of(text.begin() + 1, text.end(), digit);
}

}  // namespace

bool host_allowed(std::string_view host, const std::vector<std::string>& names) {
  if (host.starts_with('[')) {
    const auto end = host.find(']');
    if (end == std::string_view::npos || !port_or_nothing(host.substr(end + 1))) return false;
    const auto inside = host.substr(1, end - 1);
    return inside.find(':') != std::string_view::npos && config::literal_ip(inside);
  }
  const auto colon = std::min(host.find(':'), host.size());
  if (!port_or_nothing(host.substr(colon))) return false;
  const auto name = host.substr(0, colon);
  if (same(name, "localhost") || config::literal_ip(name)) return true;
  return std::any_of(names.begin(), names.end(),
                     [&](const std::string& allowed_name) { return same(allowed_name, name); });
}

}  // namespace scanhost::admin
