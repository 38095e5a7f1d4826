// SPDX-License-Identifier: Apache-2.0
#include "plugin/search.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <system_error>

#include "config/suggestion.hpp"

namespace scanhost::plugin {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> all_in(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code ignored;  // a missing folder holds no plugin; one that is asked for is reported as missing
  for (const auto& entry : fs::directory_iterator(folder, ignored))
    if (entry.path().extension() == ".so") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<fs::path> named_in(const fs::path& folder, const std::vector<std::string>& names) {
  std::vector<fs::path> files;
  std::error_code ignored;
  for (const auto& name : names)
    if (auto file = folder / (name + ".so"); fs::exists(file, ignored)) files.push_back(std::move(file));
  return files;
}

std::string list(const std::vector<fs::path>& folders) {
  if (folders.empty()) return "plugins.path, which is empty";
  std::vector<std::string> texts;
  texts.reserve(folders.size());
  for (const auto& folder : folders) texts.push_back(folder.string());
  return fmt::format("plugins.path ({})", fmt::join(texts, ", "));
}

}  // namespace

std::vector<fs::path> plugin_files(const std::vector<fs::path>& folders,
                                   const std::vector<std::string>& names) {
  std::vector<fs::path> files;
  std::set<fs::path> seen;
  for (const auto& folder : folders)
    for (auto& file : names.empty() ? all_in(folder) : named_in(folder, names)) {
      std::error_code problem;
      const auto whole = fs::canonical(file, problem);
      if (problem || seen.insert(whole).second) files.push_back(std::move(file));
    }
  return files;
}

void collector::add(const fs::path& file, load_result<found_plugin> found) {
  const auto refuse = [&](load_error error) {
    catalogue_.refused.push_back({file, file.stem().string(), std::move(error)});
  };
  if (!found) return refuse(found.error());
  if (auto problem = conflict(*found)) return refuse(std::move(*problem));
  auto name = found->description.name;
  catalogue_.plugins.emplace(std::move(name), std::move(*found));
}

std::optional<load_error> collector::conflict(const found_plugin& found) const {
  if (auto problem = other_name(found)) return problem;
  return same_name(found);
}

std::optional<load_error> collector::other_name(const found_plugin& found) const {
  const auto& name = found.description.name;
  const auto stem = found.file.stem().string();
  if (names_.empty() || name == stem) return {};
  return load_error{
      refusal::bad_descriptor,
      fmt::format(
          "{0}: holds the plugin '{1}', not '{2}'; rename the file to {1}.so and configure plugin: {1}",
          found.file.string(), name, stem)};
}

std::optional<load_error> collector::same_name(const found_plugin& found) const {
  const auto earlier = catalogue_.plugins.find(found.description.name);
  if (earlier == catalogue_.plugins.end()) return {};
  const auto& other = earlier->second;
  return load_error{
      refusal::duplicate_name,
      fmt::format("{}: the plugin '{}' {} was already found as {} ({}, {}); remove one of the files",
                  found.file.string(), found.description.name, found.description.version, other.file.string(),
                  other.description.version,
                  other.sha256 == found.sha256 ? "the same bytes" : "other bytes")};
}

// "; did you mean 'lease_expiry'?", or nothing.
std::string hint_at(const std::string& name, const std::vector<fs::path>& folders) {
  std::vector<std::string> known;
  for (const auto& folder : folders)
    for (const auto& file : all_in(folder)) known.push_back(file.stem().string());
  const auto meant = config::nearest(name, known);
  return meant ? fmt::format("; did you mean '{}'?", *meant)
               : "; install it there or correct the plugin's name";
}

catalogue collector::finish(const std::vector<fs::path>& folders) && {
  for (const auto& name : names_) {
    const auto refused = std::any_of(catalogue_.refused.begin(), catalogue_.refused.end(),
                                     [&](const refused_plugin& plugin) { return plugin.name == name; });
    if (refused || catalogue_.plugins.contains(name)) continue;
    catalogue_.refused.push_back(
        {name + ".so",
         name,
         {refusal::missing_file,
          fmt::format("there is no {}.so in {}{}", name, list(folders), hint_at(name, folders))}});
  }
  return std::move(catalogue_);
}

}  // namespace scanhost::plugin
