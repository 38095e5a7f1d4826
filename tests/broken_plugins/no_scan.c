/* SPDX-License-Identifier: Apache-2.0
 *
 * Leaves out a mandatory entry.
 */
#include "good.h"

static scanhost_family family;
static scanhost_plugin plugin;

const scanhost_plugin* scanhost_plugin_entry(void) {
  make_good(&plugin, &family, "no_scan");
  plugin.scan = 0;
  return &plugin;
}
