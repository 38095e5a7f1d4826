// SPDX-License-Identifier: Apache-2.0
#include "plugin/loader.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "plugin/elf.hpp"
#include "plugin/probe.hpp"
#include "plugin/search.hpp"
#include "plugin/staged_file.hpp"

namespace scanhost::plugin {
namespace {

constexpr std::size_t max_probed = 256;  // builds whose descriptions are kept, and settings that they take

std::optional<load_error> check_owner(const struct stat& status, const std::string& name) {
  const auto refuse = [&name](const std::string& problem, const char* advice) {
    return load_error{
        refusal::not_trusted,
        fmt::format("{}: {}, so somebody else could exchange it; {}, or set plugins.check_owner: false", name,
                    problem, advice)};
  };
  if (status.st_uid != 0 && status.st_uid != ::geteuid())
    return refuse(fmt::format("belongs to the user {}, who is neither root nor the user that runs scanhost",
                              status.st_uid),
                  "chown it");
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    return refuse("its group or every user may write to it", "chmod go-w it");
  return std::nullopt;
}

// The plugin's own name is known only after the probe; a file that a scanner asks for has the same name.
bool is_never_unloaded(const std::filesystem::path& file, const loader_options& options) {
  const auto& names = options.unload_never;
  return options.never_unloaded || std::find(names.begin(), names.end(), file.stem()) != names.end();
}

}  // namespace

loader::loader(loader_options options) : staging_(options.staging), options_(std::move(options)) {}

void loader::update(loader_options options) {
  const std::lock_guard lock(mutex_);
  options_ = std::move(options);
  inspected_.clear();
}

loader_options loader::options() {
  const std::lock_guard lock(mutex_);
  return options_;
}

catalogue loader::search(const std::vector<std::filesystem::path>& folders,
                         const std::vector<std::string>& names) {
  collector found(names);
  for (const auto& file : plugin_files(folders, names)) found.add(file, inspect(file));
  return std::move(found).finish(folders);
}

load_result<found_plugin> loader::inspect(const std::filesystem::path& file) {
  const auto rules = options();
  const auto source = open_plugin_file(file);
  if (!source) return source.error();
  struct stat status {};
  if (::fstat(source->get(), &status) != 0)
    return load_error{refusal::unreadable, fmt::format("{}: cannot be examined", file.string())};
  if (rules.check_owner)
    if (auto problem = check_owner(status, file.string())) return std::move(*problem);
  const auto now = base::identity_of(status);
  const bool never_unloaded = is_never_unloaded(file, rules);
  if (auto known = find_inspected(file, now, never_unloaded)) return std::move(*known);
  auto found = read_and_probe(file, source->get(), rules);
  if (found) remember(file, now, never_unloaded, *found);
  return found;
}

load_result<std::unique_ptr<library>> loader::open(const found_plugin& plugin, bool never_unloaded) {
  const auto name = plugin.file.string();
  if (staging_.empty())
    return load_error{
        refusal::staging_failed,
        fmt::format("{}: cannot be opened without a staging folder; set plugins.staging", name)};
  const auto source = bytes_of(plugin);
  if (!source) return source.error();
  auto staged = copy(plugin.file, (*source)->fd());
  if (!staged) return staged.error();
  if ((*staged)->sha256() != plugin.sha256)
    return load_error{
        refusal::open_failed,
        fmt::format("{}: is no longer the file that was probed; probe it again (reload, or restart scanhost)",
                    name)};
  return library::open(std::move(*staged), {options().allow_needed, never_unloaded}, name);
}

load_result<std::shared_ptr<const staged_file>> loader::bytes_of(const found_plugin& plugin) const {
  if (plugin.copy) return plugin.copy;
  const auto source = open_plugin_file(plugin.file);
  if (!source) return source.error();
  auto staged = copy(plugin.file, source->get());
  if (!staged) return staged.error();
  if ((*staged)->sha256() == plugin.sha256) return std::shared_ptr<const staged_file>(std::move(*staged));
  return load_error{
      refusal::open_failed,
      fmt::format("{}: is no longer the file that was probed; probe it again (reload, or restart scanhost)",
                  plugin.file.string())};
}

std::optional<settings_refusal> loader::try_settings(const found_plugin& plugin,
                                                     const instance_settings& settings) {
  const auto rules = options();
  const std::pair key(plugin.sha256, encode(settings));
  const std::lock_guard lock(probing_);
  if (taken_.contains(key)) return {};
  const auto source = bytes_of(plugin);
  if (!source) return settings_refusal{{}, source.error().message};
  const auto probed = probe((*source)->fd(), {plugin.file.string(), rules.probe_limit,
                                              !is_never_unloaded(plugin.file, rules), settings});
  if (!probed) return settings_refusal{{}, probed.error().message};
  if (probed->bad_option) return settings_refusal{probed->bad_option->option, probed->bad_option->message};
  if (taken_.size() >= max_probed) taken_.clear();
  taken_.insert(key);
  return {};
}

load_result<std::unique_ptr<staged_file>> loader::copy(const std::filesystem::path& file, int source) const {
  return staged_file::copy(source, staging_, file.stem().string(), file.string());
}

load_result<found_plugin> loader::read_and_probe(const std::filesystem::path& file, int source,
                                                 const loader_options& options) {
  auto staged = copy(file, source);
  if (!staged) return staged.error();
  std::shared_ptr<const staged_file> kept(std::move(*staged));
  const auto probed = probe_staged(file, *kept, options);
  if (!probed) {
    auto refused = probed.error();
    refused.sha256 = kept->sha256();
    return refused;
  }
  const bool needs_options = std::ranges::any_of(probed->description.options, &config::option::required);
  found_plugin found{file, probed->description, kept->sha256(), {}, !needs_options && !probed->bad_option};
  if (!staging_.empty()) found.copy = std::move(kept);
  return found;
}

load_result<probed_plugin> loader::probe_staged(const std::filesystem::path& file, const staged_file& staged,
                                                const loader_options& options) {
  const auto facts = read_elf(file_source(staged.fd()), file.string());
  if (!facts) return facts.error();
  const bool never_unloaded = is_never_unloaded(file, options);
  if (auto problem = check_elf(*facts, {options.allow_needed, never_unloaded}, file.string()))
    return std::move(*problem);
  return probe_once(staged, file.string(), options.probe_limit, never_unloaded);
}

std::optional<found_plugin> loader::find_inspected(const std::filesystem::path& file,
                                                   const base::file_identity& now, bool never_unloaded) {
  const std::lock_guard lock(mutex_);
  const auto known = inspected_.find(file);
  if (known == inspected_.end() || known->second.file != now ||
      known->second.never_unloaded != never_unloaded)
    return std::nullopt;
  auto found = known->second.found;
  found.copy = known->second.copy.lock();
  if (!found.copy) return std::nullopt;
  return found;
}

void loader::remember(const std::filesystem::path& file, const base::file_identity& now, bool never_unloaded,
                      const found_plugin& found) {
  const std::lock_guard lock(mutex_);
  auto without_copy = found;
  without_copy.copy.reset();
  inspected_.insert_or_assign(file, inspected{now, never_unloaded, std::move(without_copy), found.copy});
}

// Failures are not kept, since the operator may have fixed the cause by the next look.
load_result<probed_plugin> loader::probe_once(const staged_file& file, const std::string& name,
                                              base::milliseconds limit, bool never_unloaded) {
  const std::lock_guard lock(probing_);
  const std::pair key(file.sha256(), never_unloaded);
  if (const auto known = probed_.find(key); known != probed_.end()) return known->second;
  auto probed = probe(file.fd(), {name, limit, !never_unloaded});
  if (!probed) return probed;
  if (probed_.size() >= max_probed) probed_.clear();
  probed_.emplace(key, *probed);
  return probed;
}

}  // namespace scanhost::plugin
