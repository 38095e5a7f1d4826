// SPDX-License-Identifier: Apache-2.0
//
// A plugin's descriptor, from the pointer that its entry returned to the host's own copy. The head is
// checked before anything else is read; nothing of the copy points into the plugin, except the entries.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/description.hpp"
#include "plugin/refusal.hpp"
#include "scanhost/plugin.h"

namespace scanhost::plugin {

struct checked_descriptor {
  scanhost_plugin raw;  // as far as the host knows it; what a shorter one of the plugin lacks is zero
  config::description description;
};

// `name` stands for the file in messages.
load_result<checked_descriptor> read_descriptor(const scanhost_plugin* given, std::string_view name);

// Checks the rules of a copied description: names, families, interval, options, extensions. The host relies
// on them later. Nothing, or the first that it breaks.
std::optional<load_error> check_description(const config::description& description, std::string_view name);

// The extensions that this host offers to plugins.
bool offers_extension(std::string_view id) noexcept;

}  // namespace scanhost::plugin
