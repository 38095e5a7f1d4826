/* SPDX-License-Identifier: Apache-2.0
 *
 * A table with rows but without an address.
 */
#include "good.h"

static scanhost_family family;
static scanhost_plugin plugin;

const scanhost_plugin* scanhost_plugin_entry(void) {
  make_good(&plugin, &family, "table_without_address");
  plugin.option_count = 3;
  return &plugin;
}
