// SPDX-License-Identifier: Apache-2.0
//
// Reads YAML into settings, strictly and in two steps: first the text alone (which plugins are needed, and
// where to look for them), then the options against the tables of those plugins. Both steps collect every
// problem.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "config/description.hpp"
#include "config/resolve.hpp"
#include "config/settings.hpp"

namespace scanhost::config {

// Something wrong in a file: "scanhost.yaml:12: unknown key 'intervall' ...; did you mean 'interval'?"
struct problem {
  std::string file;
  int line = 0;  // from 1
  std::string message;
};

// "scanhost.yaml:12: unknown key ...", each, in their order.
std::vector<std::string> lines_of(const std::vector<problem>& problems);

// All problems, one a line, sorted by line.
std::string to_text(const std::vector<problem>& problems);

// What was found in a file, whether it can be used (then there are no problems) or not.
struct findings {
  std::vector<problem> problems;
  std::vector<problem> warnings;
};

// A file as far as it can be read without the plugins.
class document {
 public:
  // `file`: its name in messages. Relative paths are below `folder`.
  document(const std::string& text, std::string file, const std::filesystem::path& folder);

  // Those of the first step, sorted by line.
  std::vector<problem> problems() const;

  // What is allowed but may be a mistake, sorted by line; after resolve() including its warnings.
  std::vector<problem> warnings() const;

  // Every scanner runs dry, whatever the file says.
  void force_dry_run() noexcept { dry_run_forced_ = written_.run.dry_run = true; }
  bool dry_run_forced() const noexcept { return dry_run_forced_; }

  const plugin_settings& plugins() const noexcept { return written_.plugins; }
  const store_settings& store() const noexcept { return written_.store; }
  const admin_settings& admin() const noexcept { return written_.admin; }

  // Names of the plugins that the scanners of this file use, each once.
  std::vector<std::string> wanted_plugins() const;

  // Those of them that a scanner uses with `unload: never`.
  std::vector<std::string> never_unloaded_plugins() const;

  // The settings, validated against the plugins' tables by name, or every problem of both steps. A plugin
  // that is in neither map is a problem at the line of its scanner; `missing` gives the reason.
  boost::system::result<settings, std::vector<problem>> resolve(
      const std::map<std::string, description>& tables,
      const std::map<std::string, std::string>& missing) const;

  // One scanner alone, validated against the table of its plugin, or every problem of both steps.
  boost::system::result<scanner_settings, std::vector<problem>> resolve_scanner(
      const std::string& scanner, const description& plugin) const;

  // The plugin of a scanner; nothing: there is no such scanner.
  std::optional<std::string> plugin_of(const std::string& scanner) const;

  // A problem with an option of a scanner, at the place that gives its value. `option` empty: with the
  // scanner as a whole.
  problem problem_of(const std::string& scanner, const std::string& option, const std::string& message) const;

 private:
  void read_sections(const node& root, const std::filesystem::path& folder);

  std::string file_;
  written_settings written_;
  bool dry_run_forced_ = false;
  diagnostics found_;                                 // by the first step
  mutable secret_keys secrets_;                       // each is read once
  mutable std::vector<diagnostic> resolve_warnings_;  // by the last resolve()
};

// Reads a file. An error only when it cannot be read at all; what is wrong inside is in problems().
base::result<document> load_file(const std::filesystem::path& file);

}  // namespace scanhost::config
