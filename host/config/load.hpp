// SPDX-License-Identifier: Apache-2.0
//
// YAML -> settings, strict, in two steps: the text alone (which plugins are wanted, and where they
// are looked for), then the options against the tables of those plugins. Both collect every error.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "config/description.hpp"
#include "config/settings.hpp"

namespace scanhost::config {

// One thing that is wrong: "scanhost.yaml:12: unknown key 'intervall' ...; did you mean 'interval'?"
struct problem {
  std::string file;
  int line = 0;  // from 1
  std::string message;
};

// All problems, one a line, sorted by line.
std::string to_text(const std::vector<problem>& problems);

class document_impl;

// A file that was read: everything that can be known without a plugin.
class document {
 public:
  document(document&&) noexcept;
  document& operator=(document&&) noexcept;
  ~document();

  const std::vector<problem>& problems() const noexcept;

  // What is allowed and may be a mistake, each as "file:line: ..."; after resolve(), what that saw too.
  std::vector<std::string> warnings() const;

  const plugin_settings& plugins() const noexcept;
  const store_settings& store() const noexcept;
  const admin_settings& admin() const noexcept;

  // Names of the plugins that scanners of this file use, each once.
  std::vector<std::string> wanted_plugins() const;

  // Those of them that a scanner wants with `unload: never`.
  std::vector<std::string> never_unloaded_plugins() const;

  // The whole, validated against the plugins' tables by name (a wanted plugin that is not in the map is
  // a problem at the line of its scanner, with the reason from `missing` where there is one), or every
  // problem, those of the first step included.
  boost::system::result<settings, std::vector<problem>> resolve(
      const std::map<std::string, description>& tables,
      const std::map<std::string, std::string>& missing) const;

 private:
  friend class document_reader;
  explicit document(std::unique_ptr<document_impl> impl) noexcept;
  std::unique_ptr<document_impl> impl_;
};

// Reads a file. An error only when it cannot be read at all; what is wrong inside is in problems().
base::result<document> load_file(const std::filesystem::path& file);

// The same for a text; `name` stands for the file in messages, relative paths count from `folder`.
document load_text(const std::string& text, const std::string& name, const std::filesystem::path& folder);

}  // namespace scanhost::config
