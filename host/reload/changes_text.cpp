// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/json.hpp"
#include "reload/changes.hpp"

namespace scanhost::reload {
namespace {

std::string row(const std::string& name, std::size_t width, const std::string& text) {
  return name + std::string(width - name.size() + 2, ' ') + text + "\n";
}

std::string rows(const change& change, std::size_t width) {
  const std::string kind(to_text(change.kind));
  if (change.details.empty()) return row(change.scanner, width, kind);
  std::string text;
  for (const auto& reason : change.details)
    text += row(text.empty() ? change.scanner : "", width,
                (text.empty() ? kind : std::string(kind.size(), ' ')) + "  " + reason);
  return text;
}

}  // namespace

std::string_view to_text(change_kind kind) noexcept {
  switch (kind) {
    case change_kind::added:
      return "added";
    case change_kind::removed:
      return "removed";
    case change_kind::replaced:
      return "replaced";
    case change_kind::adjusted:
      return "adjusted";
    case change_kind::unchanged:
      return "unchanged";
  }
  return "unchanged";
}

std::string to_text(const changes& found) {
  std::size_t width = 0;
  std::size_t unchanged = 0;
  for (const auto& change : found.scanners) {
    if (change.kind == change_kind::unchanged)
      ++unchanged;
    else
      width = std::max(width, change.scanner.size());
  }
  std::string text;
  for (const auto& change : found.scanners)
    if (change.kind != change_kind::unchanged) text += rows(change, width);
  if (text.empty()) text = "nothing changes\n";
  if (unchanged > 0) text += std::to_string(unchanged) + " unchanged\n";
  for (const auto& need : found.need_restart) text += "needs a restart of scanhost: " + need + "\n";
  for (const auto& wait : found.waits) text += wait + "\n";
  for (const auto& pause : found.pauses) text += pause + "\n";
  return text;
}

std::string to_json(const changes& found) {
  nlohmann::ordered_json object{{"scanners", nlohmann::ordered_json::array()},
                                {"need_restart", nlohmann::ordered_json::array()},
                                {"waits", found.waits},
                                {"pauses", found.pauses}};
  for (const auto& change : found.scanners)
    object["scanners"].push_back(
        {{"scanner", change.scanner}, {"kind", to_text(change.kind)}, {"reasons", change.details}});
  for (const auto& need : found.need_restart) object["need_restart"].push_back(need);
  return base::json_line(object);
}

}  // namespace scanhost::reload
