// SPDX-License-Identifier: Apache-2.0
//
// Files of the demo.
#include "files.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <fstream>

#include "problem.hpp"

namespace scanhost::demo {

namespace fs = std::filesystem;

temporary_directory::temporary_directory() {
  auto pattern = (fs::temp_directory_path() / "scanhost-demo-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) {
    throw problem(pattern + ": cannot be created: " + std::strerror(errno) +
                  "; set TMPDIR to a folder that can be written");
  }
  path_ = pattern;
}

temporary_directory::~temporary_directory() {
  if (keep_) return;
  std::error_code ignored;  // there is nobody left to tell
  fs::remove_all(path_, ignored);
}

std::optional<fs::path> find_in_path(std::string_view program) {
  const char* path = std::getenv("PATH");
  std::string_view left = path == nullptr ? "/usr/bin:/bin" : path;
  while (!left.empty()) {
    const auto end = std::min(left.find(':'), left.size());
    const auto candidate = fs::path(left.substr(0, end)) / program;
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
    left.remove_prefix(std::min(end + 1, left.size()));
  }
  return std::nullopt;
}

fs::path own_folder() { return fs::read_symlink("/proc/self/exe").parent_path(); }

std::vector<std::string> plugins_in(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code missing;
  for (const auto& entry : fs::directory_iterator(folder, missing)) {
    if (entry.path().extension() == ".so") names.push_back(entry.path().stem().string());
  }
  std::ranges::sort(names);
  return names;
}

std::string tail_of(const fs::path& file, std::size_t lines) {
  std::ifstream in(file);
  std::deque<std::string> last;
  for (std::string line; std::getline(in, line);) {
    last.push_back(std::move(line));
    if (last.size() > lines) last.pop_front();
  }
  std::string whole;
  for (const auto& line : last) whole += "  " + line + "\n";
  return whole;
}

void write_file(const fs::path& file, std::string_view content) {
  std::ofstream out(file);
  out << content;
  out.close();
  if (!out) throw problem(file.string() + ": cannot be written: " + std::strerror(errno));
}

}  // namespace scanhost::demo
