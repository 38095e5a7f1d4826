// SPDX-License-Identifier: Apache-2.0
//
// The descriptor of a scanner class that a test defines itself, without SCANHOST_PLUGIN.
#pragma once

#include <stdexcept>

#include "../scanner.hpp"

namespace scanhost::inline v1_0::testing {

// Throws std::logic_error when `describe` threw.
template <class Scanner>
const scanhost_plugin& plugin_of() {
  const auto* plugin = detail::entry<Scanner>::plugin();
  if (plugin == nullptr) throw std::logic_error("describe() threw an exception");
  return *plugin;
}

}  // namespace scanhost::inline v1_0::testing
