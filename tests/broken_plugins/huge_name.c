/* SPDX-License-Identifier: Apache-2.0
 *
 * Its name claims to be a gigabyte long.
 */
#include "good.h"

static scanhost_family family;
static scanhost_plugin plugin;

const scanhost_plugin* scanhost_plugin_entry(void) {
  make_good(&plugin, &family, "huge_name");
  plugin.name.size = (size_t)1 << 30;
  return &plugin;
}
