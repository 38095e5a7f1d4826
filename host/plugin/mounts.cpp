// SPDX-License-Identifier: Apache-2.0
//
// Reading /proc/self/mountinfo; its form is in proc(5).
#include "plugin/mounts.hpp"

#include <algorithm>
#include <sstream>
#include <vector>

namespace scanhost::plugin {
namespace {

// A space, tab, line end or backslash in a path stands there as \ooo.
std::string unescape(std::string_view text) {
  const auto octal = [](char c) { return c >= '0' && c <= '7'; };
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size() &&
        std::all_of(text.begin() + i + 1, text.begin() + i + 4, octal)) {
      plain += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0'));
      i += 3;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

bool holds(const std::filesystem::path& point, const std::filesystem::path& path) {
  const auto [end, rest] = std::mismatch(point.begin(), point.end(), path.begin(), path.end());
  return end == point.end();
}

std::optional<mount> parse(const std::string& line) {
  std::istringstream words(line);
  std::string id, parent, device, root, point, options, word, type;
  words >> id >> parent >> device >> root >> point >> options;
  while (words >> word && word != "-") {
  }
  if (!(words >> type)) return {};
  return mount{unescape(point), options, type};
}

}  // namespace

std::optional<mount> find_mount(std::string_view mountinfo, const std::filesystem::path& path) {
  std::optional<mount> best;
  std::istringstream lines{std::string(mountinfo)};
  for (std::string line; std::getline(lines, line);) {
    auto candidate = parse(line);
    if (!candidate || !holds(candidate->point, path)) continue;
    if (!best || candidate->point.native().size() >= best->point.native().size()) best = std::move(candidate);
  }
  return best;
}

}  // namespace scanhost::plugin
