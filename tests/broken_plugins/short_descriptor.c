/* SPDX-License-Identifier: Apache-2.0
 *
 * Its descriptor ends before the mandatory entries.
 */
#include "good.h"

static scanhost_family family;
static scanhost_plugin plugin;

const scanhost_plugin* scanhost_plugin_entry(void) {
  make_good(&plugin, &family, "short_descriptor");
  plugin.struct_size = offsetof(scanhost_plugin, create);
  return &plugin;
}
