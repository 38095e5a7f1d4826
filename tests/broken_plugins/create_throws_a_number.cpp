// SPDX-License-Identifier: Apache-2.0
//
// Lets an exception out of its create that is not a std::exception.
#include "good.h"

namespace {

scanhost_family family;
scanhost_plugin plugin;

scanhost_status create(const scanhost_host*, void**, scanhost_error*) { throw 7; }

}  // namespace

extern "C" const scanhost_plugin* scanhost_plugin_entry() {
  make_good(&plugin, &family, "create_throws_a_number");
  plugin.create = create;
  return &plugin;
}
