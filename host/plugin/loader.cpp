// SPDX-License-Identifier: Apache-2.0
//
// The sequence: copy, read as ELF, probe; later copy again, read again, open, check.
#include "plugin/loader.hpp"

#include <algorithm>
#include <mutex>

#include "plugin/elf.hpp"
#include "plugin/library.hpp"
#include "plugin/probe.hpp"
#include "plugin/search.hpp"
#include "plugin/staged_file.hpp"

namespace scanhost::plugin {
namespace {

class file_loader final : public loader {
 public:
  explicit file_loader(loader_options options) : options_(std::move(options)) {}

  catalogue search(const std::vector<std::filesystem::path>& folders,
                   const std::vector<std::string>& wanted) override {
    collector all(wanted);
    for (const auto& file : plugin_files(folders, wanted)) all.add(file, inspect(file));
    return std::move(all).finish(folders);
  }

  load_result<found_plugin> inspect(const std::filesystem::path& file) override {
    auto copied = copy(file);
    if (!copied) return copied.error();
    std::shared_ptr<const staged_file> kept(std::move(*copied));
    const auto facts = read_elf(file_source(kept->fd()), file.string());
    if (!facts) return facts.error();
    if (auto problem = check_elf(*facts, rules(is_never_unloaded(file)), file.string()))
      return std::move(*problem);
    auto description = probe_once(*kept, file.string());
    if (!description) return description.error();
    found_plugin found{file, std::move(*description), kept->sha256(), {}};
    if (!options_.staging.empty()) found.copy = std::move(kept);
    return found;
  }

  load_result<std::unique_ptr<library>> open(const found_plugin& plugin, bool allow_gnu_unique) override {
    const auto name = plugin.file.string();
    if (options_.staging.empty())
      return load_error{refusal::staging_failed, name +
                                                     ": cannot be opened without a staging folder; set "
                                                     "plugins.staging"};
    auto copied = plugin.copy ? staged_file::copy(plugin.copy->fd(), options_.staging,
                                                  plugin.file.stem().string(), name)
                              : copy(plugin.file);
    if (!copied) return copied.error();
    if ((*copied)->sha256() != plugin.sha256)
      return load_error{refusal::open_failed,
                        name +
                            ": is not the file any more that was probed; probe it again "
                            "(reload, or restart scanhost)"};
    return open_library(std::move(*copied), rules(allow_gnu_unique), name);
  }

 private:
  load_result<std::unique_ptr<staged_file>> copy(const std::filesystem::path& file) const {
    const auto source = open_plugin_file(file);
    if (!source) return source.error();
    return staged_file::copy(source->get(), options_.staging, file.stem().string(), file.string());
  }

  elf_rules rules(bool allow_gnu_unique) const { return {options_.allow_needed, allow_gnu_unique}; }

  // The plugin's own name is known only after the probe; a file that is wanted has it too.
  bool is_never_unloaded(const std::filesystem::path& file) const {
    const auto& names = options_.unload_never;
    return options_.allow_gnu_unique || std::find(names.begin(), names.end(), file.stem()) != names.end();
  }

  // Failures are not kept: the next look may come after what they asked for was done.
  load_result<config::description> probe_once(const staged_file& file, const std::string& name) {
    const std::lock_guard alone(mutex_);
    if (const auto known = probed_.find(file.sha256()); known != probed_.end()) return known->second;
    auto description = probe(file.fd(), name, options_.probe_limit);
    if (description) probed_.emplace(file.sha256(), *description);
    return description;
  }

  loader_options options_;
  std::mutex mutex_;
  std::map<std::string, config::description> probed_;  // by hash
};

}  // namespace

std::unique_ptr<loader> make_loader(loader_options options) {
  return std::make_unique<file_loader>(std::move(options));
}

}  // namespace scanhost::plugin
