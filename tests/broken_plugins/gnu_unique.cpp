// SPDX-License-Identifier: Apache-2.0
//
// Exports a GNU_UNIQUE symbol: all copies of the library would share the counter.
#include "good.h"

template <class T>
struct __attribute__((visibility("default"))) shared {
  static int& counter() {
    static int value = 0;
    return value;
  }
};

namespace {

scanhost_family family;
scanhost_plugin plugin;

}  // namespace

extern "C" const scanhost_plugin* scanhost_plugin_entry() {
  make_good(&plugin, &family, "gnu_unique");
  plugin.default_page_size = static_cast<uint32_t>(++shared<int>::counter());
  return &plugin;
}
