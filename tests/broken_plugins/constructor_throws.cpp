// SPDX-License-Identifier: Apache-2.0
//
// A static object whose constructor throws while the library is opened.
#include <stdexcept>

#include "good.h"

namespace {

scanhost_family family;
scanhost_plugin plugin;

struct thrower {
  thrower() { throw std::runtime_error("born to fail"); }
} const born;

}  // namespace

extern "C" const scanhost_plugin* scanhost_plugin_entry() {
  make_good(&plugin, &family, "constructor_throws");
  return &plugin;
}
