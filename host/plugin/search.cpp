// SPDX-License-Identifier: Apache-2.0
//
// Listing folders, and the rules between plugins.
#include "plugin/search.hpp"

#include <algorithm>
#include <set>
#include <system_error>

namespace scanhost::plugin {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> all_in(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code ignored;  // a folder that is not there holds no plugin; a wanted one will be missed
  for (const auto& entry : fs::directory_iterator(folder, ignored))
    if (entry.path().extension() == ".so") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<fs::path> wanted_in(const fs::path& folder, const std::vector<std::string>& names) {
  std::vector<fs::path> files;
  std::error_code ignored;
  for (const auto& name : names)
    if (auto file = folder / (name + ".so"); fs::exists(file, ignored)) files.push_back(std::move(file));
  return files;
}

std::string joined(const std::vector<fs::path>& folders) {
  std::string text;
  for (const auto& folder : folders) text += (text.empty() ? "" : ", ") + folder.string();
  return text.empty() ? "plugins.path, which is empty" : "plugins.path (" + text + ")";
}

std::string shown(const config::family& family) {
  return family.tag_pattern + " x " + std::to_string(family.default_count) +
         (family.count_key.empty() ? "" : ", counted in " + family.count_key + " " + family.count_field);
}

}  // namespace

std::vector<fs::path> plugin_files(const std::vector<fs::path>& folders,
                                   const std::vector<std::string>& names) {
  std::vector<fs::path> files;
  std::set<fs::path> seen;
  for (const auto& folder : folders)
    for (auto& file : names.empty() ? all_in(folder) : wanted_in(folder, names)) {
      std::error_code problem;
      const auto whole = fs::canonical(file, problem);
      if (problem || seen.insert(whole).second) files.push_back(std::move(file));
    }
  return files;
}

void collector::add(const fs::path& file, load_result<found_plugin> found) {
  const auto refuse = [&](load_error why) {
    catalogue_.refused.push_back({file, file.stem().string(), std::move(why)});
  };
  if (!found) return refuse(found.error());
  if (auto why = conflict(*found)) return refuse(std::move(*why));
  auto name = found->description.name;
  catalogue_.plugins.emplace(std::move(name), std::move(*found));
}

std::optional<load_error> collector::conflict(const found_plugin& found) const {
  if (auto why = other_name(found)) return why;
  if (auto why = same_name(found)) return why;
  return other_family(found);
}

std::optional<load_error> collector::other_name(const found_plugin& found) const {
  const auto& name = found.description.name;
  const auto stem = found.file.stem().string();
  if (names_.empty() || name == stem) return {};
  return load_error{refusal::bad_descriptor, found.file.string() + ": holds the plugin '" + name +
                                                 "', not '" + stem + "'; rename the file to " + name +
                                                 ".so and ask for plugin: " + name};
}

std::optional<load_error> collector::same_name(const found_plugin& found) const {
  const auto earlier = catalogue_.plugins.find(found.description.name);
  if (earlier == catalogue_.plugins.end()) return {};
  const auto& other = earlier->second;
  return load_error{
      refusal::duplicate_name,
      found.file.string() + ": the plugin '" + found.description.name + "' " + found.description.version +
          " was already found as " + other.file.string() + " (" + other.description.version + ", " +
          (other.sha256 == found.sha256 ? "the same bytes" : "other bytes") + "); remove one of the files"};
}

std::optional<load_error> collector::other_family(const found_plugin& found) const {
  for (const auto& [name, other] : catalogue_.plugins)
    for (const auto& theirs : other.description.families)
      for (const auto& ours : found.description.families)
        if (ours.name == theirs.name && !(ours == theirs))
          return load_error{refusal::family_conflict,
                            found.file.string() + ": describes the family '" + ours.name + "' as " +
                                shown(ours) + ", but " + other.file.string() + " as " + shown(theirs) +
                                "; the two plugins belong to different deployments: use builds that agree"};
  return {};
}

catalogue collector::finish(const std::vector<fs::path>& folders) && {
  for (const auto& name : names_) {
    const auto refused = std::any_of(catalogue_.refused.begin(), catalogue_.refused.end(),
                                     [&](const refused_plugin& entry) { return entry.name == name; });
    if (refused || catalogue_.plugins.contains(name)) continue;
    catalogue_.refused.push_back(
        {name + ".so",
         name,
         {refusal::missing_file, "there is no " + name + ".so in " + joined(folders) +
                                     "; install it there or correct the plugin's name"}});
  }
  return std::move(catalogue_);
}

}  // namespace scanhost::plugin
