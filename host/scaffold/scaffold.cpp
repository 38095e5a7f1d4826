// SPDX-License-Identifier: Apache-2.0
#include "scaffold/scaffold.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <system_error>

#include "base/errno_text.hpp"

namespace scanhost::scaffold {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view placeholder =
    "my_scanner";  // a name like any other, so that the templates build as they are
constexpr std::size_t max_name_length = 64;

// A class and a file get the name, too.
constexpr std::string_view taken[] = {
    "alignas",   "alignof",  "and",      "asm",      "auto",     "batch",   "bool",   "break",
    "case",      "catch",    "char",     "class",    "command",  "concept", "const",  "continue",
    "default",   "delete",   "describe", "do",       "double",   "else",    "enum",   "explicit",
    "export",    "extern",   "failures", "false",    "float",    "for",     "friend", "goto",
    "grace",     "host",     "if",       "inline",   "int",      "long",    "main",   "mutable",
    "namespace", "new",      "noexcept", "not",      "operator", "or",      "plugin", "private",
    "protected", "public",   "register", "requires", "result",   "return",  "scan",   "scanhost",
    "scanner",   "services", "short",    "signed",   "sizeof",   "static",  "std",    "struct",
    "switch",    "task",     "template", "test",     "this",     "throw",   "true",   "try",
    "typedef",   "typename", "union",    "unsigned", "using",    "virtual", "void",   "volatile",
    "while",     "xor"};

bool is_name(std::string_view text) noexcept {
  if (text.empty() || text.size() > max_name_length || text.front() < 'a' || text.front() > 'z') return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

base::result<void> check_name(const std::string& name) {
  if (!is_name(name))
    return base::fail(
        base::errc::usage,
        fmt::format(
            "'{}' cannot be the name of a plugin: expected a lower-case letter, then lower-case letters, digits and _, at most {} bytes, such as 'session_janitor'",
            name, max_name_length));
  if (std::find(std::begin(taken), std::end(taken), name) != std::end(taken))
    return base::fail(
        base::errc::usage,
        fmt::format(
            "'{0}' has a meaning in the code already; give the plugin a longer name, such as '{0}_sweeper'",
            name));
  return {};
}

// "cpp" of "cpp/CMakeLists.txt": the language.
std::string_view folder_of(std::string_view path) { return path.substr(0, path.find('/')); }

std::string replaced(std::string text, const std::string& name) {
  for (auto at = text.find(placeholder); at != std::string::npos;
       at = text.find(placeholder, at + name.size()))
    text.replace(at, placeholder.size(), name);
  return text;
}

base::result<void> cannot(std::string_view what, const fs::path& path, std::string_view why) {
  return base::fail(base::errc::os, fmt::format("cannot {} {}: {}", what, path.string(), why));
}

base::result<void> check_folder(const fs::path& folder) {
  std::error_code problem;
  const auto status = fs::status(folder, problem);
  if (status.type() == fs::file_type::not_found) return {};
  if (!fs::is_directory(status))
    return base::fail(
        base::errc::usage,
        fmt::format("{} already exists and is not a folder; name another one with --into", folder.string()));
  if (!fs::is_empty(folder, problem) || problem)
    return base::fail(
        base::errc::usage,
        fmt::format("{} is not empty, and is left alone; name a new folder with --into", folder.string()));
  return {};
}

}  // namespace

std::vector<std::string> languages() {
  std::vector<std::string> names;
  for (const auto& source : templates())
    if (const auto language = folder_of(source.path);
        std::find(names.begin(), names.end(), language) == names.end())
      names.emplace_back(language);
  return names;
}

base::result<std::vector<file>> new_plugin(const std::string& name, const std::string& language) {
  if (auto fine = check_name(name); !fine) return fine.error();
  std::vector<file> files;
  for (const auto& source : templates()) {
    if (folder_of(source.path) != language) continue;
    const std::string file_name(source.path.substr(language.size() + 1));
    const bool hidden = file_name == "gitignore";  // under its true name it would count in this tree
    files.push_back(
        {hidden ? ".gitignore" : replaced(file_name, name), replaced(std::string(source.text), name)});
  }
  if (files.empty())
    return base::fail(base::errc::usage,
                      fmt::format("there are no templates for the language '{}'", language));
  return files;
}

base::result<void> write(const std::vector<file>& files, const fs::path& folder) {
  if (auto fine = check_folder(folder); !fine) return fine.error();
  std::error_code problem;
  const bool is_new = !fs::exists(folder, problem);
  fs::create_directories(folder, problem);
  if (problem) return cannot("create the folder", folder, problem.message());
  for (std::size_t i = 0; i < files.size(); ++i) {
    std::ofstream out(folder / files[i].name, std::ios::binary);
    out << files[i].text << std::flush;
    if (out) continue;
    const std::string why = base::errno_text(errno);
    for (std::size_t written = 0; written <= i; ++written) fs::remove(folder / files[written].name, problem);
    if (is_new) fs::remove(folder, problem);
    return cannot("write", folder / files[i].name, why);
  }
  return {};
}

}  // namespace scanhost::scaffold
