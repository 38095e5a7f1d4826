// SPDX-License-Identifier: Apache-2.0
//
// Exports a GNU_UNIQUE symbol: all copies of the library would share the counter. In assembly, since g++
// makes such symbols of a template's statics and clang++ makes none.
#include "good.h"

extern "C" int shared_counter;

__asm__(
    ".pushsection .data\n"
    ".globl shared_counter\n"
    ".type shared_counter, %gnu_unique_object\n"
    ".size shared_counter, 4\n"
    ".balign 4\n"
    "shared_counter: .long 0\n"
    ".popsection\n");

namespace {

scanhost_family family;
scanhost_plugin plugin;

}  // namespace

extern "C" const scanhost_plugin* scanhost_plugin_entry() {
  make_good(&plugin, &family, "gnu_unique");
  plugin.default_page_size = static_cast<uint32_t>(++shared_counter);
  return &plugin;
}
