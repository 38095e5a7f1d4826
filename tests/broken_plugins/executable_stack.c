/* SPDX-License-Identifier: Apache-2.0
 *
 * Linked with an executable stack (see CMakeLists.txt).
 */
#include "good.h"

static scanhost_family family;
static scanhost_plugin plugin;

const scanhost_plugin* scanhost_plugin_entry(void) {
  make_good(&plugin, &family, "executable_stack");
  return &plugin;
}
