/* SPDX-License-Identifier: Apache-2.0
 *
 * Needs a shared library of its own.
 */
#include "good.h"

int private_number(void);

static scanhost_family family;
static scanhost_plugin plugin;

const scanhost_plugin* scanhost_plugin_entry(void) {
  make_good(&plugin, &family, "private_needed");
  plugin.default_page_size = (uint32_t)private_number();
  return &plugin;
}
