// SPDX-License-Identifier: Apache-2.0
//
// The section `store` of a configuration file: where its servers are, and how to log in there.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "config/diagnostics.hpp"
#include "config/secret_keys.hpp"
#include "config/settings.hpp"
#include "config/yaml_tree.hpp"

namespace scanhost::config {

// `from` may be null: everything has its default. Relative paths are below `folder`.
store_settings read_store(const node* from, secret_keys& secrets, const std::filesystem::path& folder,
                          diagnostics& diagnostics);

// As in YAML: "auto", "standalone", "cluster", "sentinel".
std::string_view to_text(store_mode mode) noexcept;

// "10.0.0.7:6379", "[::1]:6379"
std::string to_text(const server_address& address);

}  // namespace scanhost::config
