// SPDX-License-Identifier: Apache-2.0
#include "scaffold/scaffold.hpp"

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
    "my_scanner";  // a name as any, so that the templates build as they are
constexpr std::size_t max_name_length = 64;

// A class and a file are called so, too.
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
        "'" + name +
            "' cannot be the name of a plugin: a lower case letter comes first, then lower case letters, digits and _, 64 bytes at most; try 'session_janitor'");
  if (std::find(std::begin(taken), std::end(taken), name) != std::end(taken))
    return base::fail(base::errc::usage,
                      "'" + name +
                          "' has a meaning in the code already; give the plugin a longer name, such as '" +
                          name + "_sweeper'");
  return {};
}

std::string replaced(std::string text, const std::string& name) {
  for (auto at = text.find(placeholder); at != std::string::npos;
       at = text.find(placeholder, at + name.size()))
    text.replace(at, placeholder.size(), name);
  return text;
}

base::result<void> cannot(const std::string& what, const fs::path& path, const std::string& why) {
  return base::fail(base::errc::os, "cannot " + what + " " + path.string() + ": " + why);
}

base::result<void> check_folder(const fs::path& folder) {
  std::error_code problem;
  const auto status = fs::status(folder, problem);
  if (status.type() == fs::file_type::not_found) return {};
  if (!fs::is_directory(status))
    return base::fail(base::errc::usage,
                      folder.string() + " is there and no folder; name another one with --into");
  if (!fs::is_empty(folder, problem) || problem)
    return base::fail(
        base::errc::usage,
        folder.string() + " is not empty, and nothing in it shall be lost; name a new folder with --into");
  return {};
}

}  // namespace

std::vector<std::string> languages() {
  std::vector<std::string> names;
  for (const auto& source : templates())
    if (std::find(names.begin(), names.end(), source.language) == names.end())
      names.emplace_back(source.language);
  return names;
}

base::result<std::vector<file>> new_plugin(const std::string& name, const std::string& language) {
  if (auto fine = check_name(name); !fine) return fine.error();
  std::vector<file> files;
  for (const auto& source : templates()) {
    if (source.language != language) continue;
    const bool hidden = source.name == "gitignore";  // under its true name it would count in this tree
    files.push_back({hidden ? ".gitignore" : replaced(std::string(source.name), name),
                     replaced(std::string(source.text), name)});
  }
  if (files.empty())
    return base::fail(base::errc::usage, "there are no templates for the language '" + language + "'");
  return files;
}

base::result<void> write(const std::vector<file>& files, const fs::path& folder) {
  if (auto fine = check_folder(folder); !fine) return fine.error();
  std::error_code problem;
  const bool is_new = !fs::exists(folder, problem);
  fs::create_directories(folder, problem);
  if (problem) return cannot("make the folder", folder, problem.message());
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
