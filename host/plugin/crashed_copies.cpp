// SPDX-License-Identifier: Apache-2.0
#include "plugin/crashed_copies.hpp"

#include <algorithm>
#include <fstream>
#include <optional>
#include <set>
#include <string>
#include <system_error>
#include <vector>

namespace scanhost::plugin {
namespace {

namespace fs = std::filesystem;

struct crashed_copy {
  fs::path folder;
  std::string sha256;
  fs::path file;
  fs::file_time_type at;  // of the crash
};

// None: that host did not crash, or its copy is gone.
std::optional<crashed_copy> read_marker(const fs::path& folder) {
  const auto marker = crash_marker(folder);
  std::error_code problem;
  const auto at = fs::last_write_time(marker, problem);
  if (problem) return {};
  std::ifstream text(marker);
  std::string sha256, name;
  if (!(text >> sha256) || !std::getline(text >> std::ws, name)) return {};
  // The name alone: nothing outside of the folder is meant, whatever the marker says.
  const auto file = folder / fs::path(name).filename();
  if (!fs::is_regular_file(fs::symlink_status(file, problem))) return {};
  return crashed_copy{folder, std::move(sha256), file, at};
}

// The newest first.
std::vector<crashed_copy> list_copies(const fs::path& place) {
  std::vector<crashed_copy> copies;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(place, ignored))
    if (entry.is_directory(ignored) && !entry.is_symlink(ignored))
      if (auto copy = read_marker(entry.path())) copies.push_back(std::move(*copy));
  std::sort(copies.begin(), copies.end(),
            [](const auto& copy, const auto& other) { return copy.at > other.at; });
  return copies;
}

}  // namespace

fs::path crash_marker(const fs::path& host_folder) { return host_folder / "crashed"; }

void remove_all_but_crashed(const fs::path& host_folder) {
  const auto kept = read_marker(host_folder);
  std::error_code ignored;
  if (!kept) {
    fs::remove_all(host_folder, ignored);
    return;
  }
  std::vector<fs::path> others;
  for (const auto& entry : fs::directory_iterator(host_folder, ignored))
    if (entry.path() != kept->file && entry.path() != crash_marker(host_folder))
      others.push_back(entry.path());
  for (const auto& other : others) fs::remove_all(other, ignored);
}

void limit_crashed_copies(const fs::path& place) {
  std::set<std::string> builds;
  std::error_code ignored;
  for (const auto& copy : list_copies(place))
    if (builds.size() >= max_crashed_copies || !builds.insert(copy.sha256).second)
      fs::remove_all(copy.folder, ignored);
}

fs::path find_crashed_copy(const fs::path& place, std::string_view sha256) {
  for (const auto& copy : list_copies(place))
    if (copy.sha256 == sha256) return copy.file;
  return {};
}

void remove_crashed_copies(const fs::path& place, std::string_view sha256) {
  std::error_code ignored;
  for (const auto& copy : list_copies(place))
    if (copy.sha256 == sha256) fs::remove_all(copy.folder, ignored);
}

}  // namespace scanhost::plugin
