// SPDX-License-Identifier: Apache-2.0
//
// Lets an exception out of its create: it does not use the SDK's wrapper.
#include <stdexcept>

#include "good.h"

namespace {

scanhost_family family;
scanhost_plugin plugin;

scanhost_status create(const scanhost_host*, void**, scanhost_error*) {
  throw std::runtime_error("out of patience");
}

}  // namespace

extern "C" const scanhost_plugin* scanhost_plugin_entry() {
  make_good(&plugin, &family, "create_throws");
  plugin.create = create;
  return &plugin;
}
