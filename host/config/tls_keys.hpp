// SPDX-License-Identifier: Apache-2.0
//
// The keys of `store.tls`, and whether the files that they name can be used.
#pragma once

#include <filesystem>
#include <string>

#include "config/diagnostics.hpp"
#include "config/yaml_tree.hpp"
#include "tls/settings.hpp"

namespace scanhost::config {

struct tls_keys {
  tls::settings settings;
  std::string fingerprint;  // of the contents of the files; empty: they cannot be used, which is a problem
};

// `from` may be null: everything has its default. Relative paths are below `folder`.
tls_keys read_tls(const node* from, const std::filesystem::path& folder, diagnostics& diagnostics);

}  // namespace scanhost::config
