// SPDX-License-Identifier: Apache-2.0
#include "files.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <fstream>
#include <iterator>
#include <sstream>

#include "ending.hpp"

namespace scanhost::demo {

namespace fs = std::filesystem;

temporary_directory::temporary_directory() {
  auto pattern = (fs::temp_directory_path() / "scanhost-demo-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr)
    fail("{}: cannot be created: {}; set TMPDIR to a directory that can be written", pattern,
         std::strerror(errno));
  path_ = pattern;
}

temporary_directory::~temporary_directory() {
  std::error_code ignored;
  if (!keep_) fs::remove_all(path_, ignored);
}

std::optional<fs::path> find_in_path(std::string_view program) {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "/usr/bin:/bin" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    const auto candidate = fs::path(folder) / program;
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
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

std::string content_of(const fs::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator(in), {}};
}

std::string tail_of(const fs::path& file) {
  constexpr std::size_t shown_lines = 20;
  std::ifstream in(file);
  std::deque<std::string> last;
  for (std::string line; std::getline(in, line);) {
    last.push_back("  " + line + "\n");
    if (last.size() > shown_lines) last.pop_front();
  }
  std::string text;
  for (const auto& line : last) text += line;
  return text;
}

void write_file(const fs::path& file, std::string_view content) {
  std::ofstream out(file);
  out << content;
  out.close();
  if (!out) fail("{}: cannot be written: {}", file.string(), std::strerror(errno));
}

}  // namespace scanhost::demo
