// SPDX-License-Identifier: Apache-2.0
//
// Contains the C++ runtime (a link option).
#include <stdexcept>
#include <string>

#include "sweep.h"

static int parsed(const std::string& text) {
  try {
    return std::stoi(text);
  } catch (const std::exception&) {
    return 0;
  }
}

static scanhost_status create(const scanhost_host* lent, void** self, scanhost_error* error) {
  return parsed("0x") == 0 ? sweep_create(lent, self, error) : SCANHOST_FAILED;
}

extern "C" const scanhost_plugin* scanhost_plugin_entry() {
  make_sweep("static_runtime");
  sweep_plugin.create = create;
  return &sweep_plugin;
}
