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

// A class, files and targets of CMake get the name, too: words of the languages, macros of the headers, what
// the template itself names, and CMake's own targets.
constexpr std::string_view taken =
    " alignas alignof and and_eq asm auto bitand bitor bool break case catch char char8_t char16_t "
    " char32_t class co_await co_return co_yield compl concept const const_cast consteval constexpr "
    " constinit continue decltype default delete do double dynamic_cast else enum explicit export extern "
    " false final float for friend goto if import inline int long module mutable namespace new noexcept "
    " not not_eq nullptr operator or or_eq override private protected public register reinterpret_cast "
    " requires restrict return short signed sizeof static static_assert static_cast struct switch template "
    " this thread_local throw true try typedef typeid typename union unsigned using virtual void volatile "
    " wchar_t while xor xor_eq "
    " alloca assert errno offsetof "
    " batch command describe description failures failures_ grace grace_ host main milliseconds "
    " option_type plugin result scan scan_context scanhost scanner services std take_out task "
    " all clean depend edit_cache help install list_install_components package package_source preinstall "
    " rebuild_cache test ";

bool is_taken(const std::string& name) { return taken.find(" " + name + " ") != std::string_view::npos; }

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
  if (is_taken(name))
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
