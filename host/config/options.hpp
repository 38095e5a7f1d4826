// SPDX-License-Identifier: Apache-2.0
//
// Validates the options of a scanner against the table of its plugin.
#pragma once

#include <string>

#include "config/description.hpp"
#include "config/diagnostics.hpp"
#include "config/secret_keys.hpp"
#include "config/sections.hpp"
#include "config/settings.hpp"

namespace scanhost::config {

class option_reader {
 public:
  // The scanner's own options override the global ones, which override the defaults. `global` and the
  // scanner's options may be null. All have to outlive the reader.
  option_reader(const written_scanner& scanner, const description& plugin, const node* global,
                secret_keys& secrets, diagnostics& diagnostics);

  // Fills in the options and the secrets.
  void read(scanner_settings& to);

 private:
  void find_unknown() const;
  void read_ordinary(const option& table, option_values& to);
  void read_secret(const option& table, secret_values& to);
  bool read_secret_in(const option& table, const node* map, const std::string& path, base::secret& to);
  void require(const option& table, bool given) const;

  const written_scanner& scanner_;
  const description& plugin_;
  const node* global_;
  secret_keys& secrets_;
  diagnostics& diagnostics_;
  std::string path_;  // of the scanner's options
};

}  // namespace scanhost::config
