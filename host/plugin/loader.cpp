// SPDX-License-Identifier: Apache-2.0
//
// The sequence: copy, read as ELF, probe; later copy again, read again, open, check.
#include "plugin/loader.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>

#include "plugin/elf.hpp"
#include "plugin/library.hpp"
#include "plugin/probe.hpp"
#include "plugin/search.hpp"
#include "plugin/staged_file.hpp"

namespace scanhost::plugin {
namespace {

constexpr std::size_t max_probed_builds = 256;  // builds whose descriptions are kept

// Which file it is, and whether it changed.
struct identity {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::int64_t size = 0;
  std::pair<std::int64_t, std::int64_t> modified{};
  std::pair<std::int64_t, std::int64_t> changed{};
  bool operator==(const identity&) const = default;
};

identity identity_of(const struct stat& status) {
  return {status.st_dev,
          status.st_ino,
          status.st_size,
          {status.st_mtim.tv_sec, status.st_mtim.tv_nsec},
          {status.st_ctim.tv_sec, status.st_ctim.tv_nsec}};
}

std::optional<load_error> check_owner(const struct stat& status, const std::string& name) {
  const auto refuse = [&name](const std::string& what, const std::string& advice) {
    return load_error{refusal::not_trusted, name + ": " + what + ", so it could be swapped for another; " +
                                                advice + ", or set plugins.check_owner: false"};
  };
  if (status.st_uid != 0 && status.st_uid != ::geteuid())
    return refuse("belongs to the user " + std::to_string(status.st_uid) +
                      ", who is neither root nor the user that runs scanhost",
                  "chown it");
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    return refuse("its group or everybody may write to it", "chmod go-w it");
  return std::nullopt;
}

class file_loader final : public loader {
 public:
  explicit file_loader(loader_options options) : staging_(options.staging), options_(std::move(options)) {}

  void update(loader_options options) override {
    const std::lock_guard alone(mutex_);
    options_ = std::move(options);
    seen_.clear();
  }

  catalogue search(const std::vector<std::filesystem::path>& folders,
                   const std::vector<std::string>& names) override {
    collector plugins(names);
    for (const auto& file : plugin_files(folders, names)) plugins.add(file, inspect(file));
    return std::move(plugins).finish(folders);
  }

  load_result<found_plugin> inspect(const std::filesystem::path& file) override {
    const auto rules = options();
    const auto source = open_plugin_file(file);
    if (!source) return source.error();
    struct stat status {};
    if (::fstat(source->get(), &status) != 0)
      return load_error{refusal::unreadable, file.string() + ": cannot be looked at"};
    if (rules.check_owner)
      if (auto problem = check_owner(status, file.string())) return std::move(*problem);
    const auto now = identity_of(status);
    const bool stays = is_never_unloaded(file, rules);
    if (auto known = find_seen(file, now, stays)) return std::move(*known);
    auto found = read_and_probe(file, source->get(), rules);
    if (found) remember(file, now, stays, *found);
    return found;
  }

  load_result<std::unique_ptr<library>> open(const found_plugin& plugin, bool allow_gnu_unique) override {
    const auto name = plugin.file.string();
    if (staging_.empty())
      return load_error{refusal::staging_failed,
                        name + ": cannot be opened without a staging folder; set plugins.staging"};
    auto copied = plugin.copy
                      ? staged_file::copy(plugin.copy->fd(), staging_, plugin.file.stem().string(), name)
                      : copy(plugin.file);
    if (!copied) return copied.error();
    if ((*copied)->sha256() != plugin.sha256)
      return load_error{
          refusal::open_failed,
          name + ": is not the file any more that was probed; probe it again (reload, or restart scanhost)"};
    return open_library(std::move(*copied), {options().allow_needed, allow_gnu_unique}, name);
  }

 private:
  struct seen {
    identity file;
    bool stays;          // it was probed as one that is never unloaded
    found_plugin found;  // without the copy
    std::weak_ptr<const staged_file> copy;
  };

  loader_options options() {
    const std::lock_guard alone(mutex_);
    return options_;
  }

  load_result<found_plugin> read_and_probe(const std::filesystem::path& file, int source,
                                           const loader_options& settings) {
    auto copied = staged_file::copy(source, staging_, file.stem().string(), file.string());
    if (!copied) return copied.error();
    std::shared_ptr<const staged_file> kept(std::move(*copied));
    const auto facts = read_elf(file_source(kept->fd()), file.string());
    if (!facts) return facts.error();
    const bool stays = is_never_unloaded(file, settings);
    const elf_rules rules{settings.allow_needed, stays};
    if (auto problem = check_elf(*facts, rules, file.string())) return std::move(*problem);
    auto description = probe_once(*kept, file.string(), settings.probe_limit, stays);
    if (!description) return description.error();
    found_plugin found{file, std::move(*description), kept->sha256(), {}};
    if (!staging_.empty()) found.copy = std::move(kept);
    return found;
  }

  std::optional<found_plugin> find_seen(const std::filesystem::path& file, const identity& now, bool stays) {
    const std::lock_guard alone(mutex_);
    const auto known = seen_.find(file);
    if (known == seen_.end() || !(known->second.file == now) || known->second.stays != stays)
      return std::nullopt;
    auto found = known->second.found;
    found.copy = known->second.copy.lock();
    if (!found.copy) return std::nullopt;
    return found;
  }

  void remember(const std::filesystem::path& file, const identity& now, bool stays,
                const found_plugin& found) {
    const std::lock_guard alone(mutex_);
    auto without = found;
    without.copy.reset();
    seen_.insert_or_assign(file, seen{now, stays, std::move(without), found.copy});
  }

  load_result<std::unique_ptr<staged_file>> copy(const std::filesystem::path& file) const {
    const auto source = open_plugin_file(file);
    if (!source) return source.error();
    return staged_file::copy(source->get(), staging_, file.stem().string(), file.string());
  }

  // The plugin's own name is known only after the probe; a file that is wanted has it too.
  static bool is_never_unloaded(const std::filesystem::path& file, const loader_options& settings) {
    const auto& names = settings.unload_never;
    return settings.allow_gnu_unique || std::find(names.begin(), names.end(), file.stem()) != names.end();
  }

  // Failures are not kept: the next look may come after what they asked for was done.
  load_result<config::description> probe_once(const staged_file& file, const std::string& name,
                                              base::milliseconds limit, bool stays) {
    const std::lock_guard alone(probing_);
    const std::pair key(file.sha256(), stays);
    if (const auto known = probed_.find(key); known != probed_.end()) return known->second;
    auto description = probe(file.fd(), name, limit, !stays);
    if (!description) return description;
    if (probed_.size() >= max_probed_builds) probed_.clear();
    probed_.emplace(key, *description);
    return description;
  }

  const std::filesystem::path staging_;
  std::mutex mutex_;
  loader_options options_;
  std::map<std::filesystem::path, seen> seen_;
  std::mutex probing_;
  // By hash, and whether it is never unloaded.
  std::map<std::pair<std::string, bool>, config::description> probed_;
};

}  // namespace

std::unique_ptr<loader> make_loader(loader_options options) {
  return std::make_unique<file_loader>(std::move(options));
}

}  // namespace scanhost::plugin
