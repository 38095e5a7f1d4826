// SPDX-License-Identifier: Apache-2.0
//
// From a file to a plugin that may be used, as a sequence that undoes itself in reverse when a step fails:
// stage -> read as ELF -> probe in a child -> open -> check -> describe. Each step is usable alone, for
// `check-config` and `plugin verify`.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/file_identity.hpp"
#include "config/description.hpp"
#include "plugin/catalogue.hpp"
#include "plugin/instance_settings.hpp"
#include "plugin/library.hpp"
#include "plugin/probe.hpp"
#include "plugin/refusal.hpp"

namespace scanhost::plugin {

struct loader_options {
  std::filesystem::path staging;  // where copies go, from staging::open(); empty: only search and inspect
  std::vector<std::string> allow_needed;   // needed libraries allowed besides the system's
  bool never_unloaded = false;             // all plugins are: unload: never
  std::vector<std::string> unload_never;   // names of plugins that are never unloaded
  bool check_owner = false;                // refuse files that others than root and this user may change
  base::milliseconds probe_limit{10'000};  // a child that takes longer counts as hung
};

// Why a plugin does not take the settings of a scanner.
struct settings_refusal {
  std::string option;  // whose value it refuses; empty: it named none, or failed in another way
  std::string message;
};

// Any thread, except where the comment of `open` says otherwise.
class loader {
 public:
  explicit loader(loader_options options);
  loader(const loader&) = delete;
  loader& operator=(const loader&) = delete;

  // Sets the rules from now on; the staging folder stays.
  void update(loader_options options);

  // Reads and probes every *.so of the folders (one probe for each hash, whose result is kept). If `names` is
  // not empty, only the files `<name>.so`, which is what a start needs.
  catalogue search(const std::vector<std::filesystem::path>& folders, const std::vector<std::string>& names);

  // Reads and probes one file. A file that has not changed is not read again while somebody still has the
  // result.
  load_result<found_plugin> inspect(const std::filesystem::path& file);

  // Creates an instance with these settings in a child process; each build and settings are tried once.
  // Nothing: it takes them.
  std::optional<settings_refusal> try_settings(const found_plugin& plugin, const instance_settings& settings);

  // Stages a full copy for this call alone and opens it. Call it on the thread that will run the plugin.
  load_result<std::unique_ptr<library>> open(const found_plugin& plugin, bool never_unloaded);

 private:
  struct inspected {
    base::file_identity file;
    bool never_unloaded;  // it was probed as such
    found_plugin found;   // without the copy
    std::weak_ptr<const staged_file> copy;
  };

  loader_options options();
  load_result<found_plugin> read_and_probe(const std::filesystem::path& file, int source,
                                           const loader_options& options);
  load_result<probed_plugin> probe_staged(const std::filesystem::path& file, const staged_file& staged,
                                          const loader_options& options);
  load_result<probed_plugin> probe_once(const staged_file& file, const std::string& name,
                                        base::milliseconds limit, bool never_unloaded);
  load_result<std::shared_ptr<const staged_file>> bytes_of(const found_plugin& plugin) const;
  load_result<std::unique_ptr<staged_file>> copy(const std::filesystem::path& file, int source) const;
  std::optional<found_plugin> find_inspected(const std::filesystem::path& file,
                                             const base::file_identity& now, bool never_unloaded);
  void remember(const std::filesystem::path& file, const base::file_identity& now, bool never_unloaded,
                const found_plugin& found);

  const std::filesystem::path staging_;
  std::mutex mutex_;  // of the next two
  loader_options options_;
  std::map<std::filesystem::path, inspected> inspected_;
  std::mutex probing_;  // of the next two
  // By hash, and whether it is never unloaded.
  std::map<std::pair<std::string, bool>, probed_plugin> probed_;
  std::set<std::pair<std::string, std::string>> taken_;  // settings that a build takes: by hash, encoded
};

}  // namespace scanhost::plugin
