/* SPDX-License-Identifier: Apache-2.0
 *
 * Its descriptor does not begin with the magic number.
 */
#include "good.h"

static scanhost_family family;
static scanhost_plugin plugin;

const scanhost_plugin* scanhost_plugin_entry(void) {
  make_good(&plugin, &family, "bad_magic");
  plugin.magic = SCANHOST_MAGIC + 1;
  return &plugin;
}
