// SPDX-License-Identifier: Apache-2.0
//
// The host that a plugin meets in a probe: options at their defaults, every extension, no store. It
// records what a plugin does in `create` that it must not do there.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "config/description.hpp"
#include "scanhost/host.h"

namespace scanhost::plugin {

class probe_host {
 public:
  virtual ~probe_host() = default;
  virtual const scanhost_host* table() const noexcept = 0;

  // Services that were called outside of their phase, in order, each as often as it was called.
  virtual const std::vector<std::string>& broken_rules() const noexcept = 0;
};

std::unique_ptr<probe_host> make_probe_host(const config::description& description);

}  // namespace scanhost::plugin
