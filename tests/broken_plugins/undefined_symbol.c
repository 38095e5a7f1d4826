/* SPDX-License-Identifier: Apache-2.0
 *
 * Calls a function that no library defines.
 */
#include "good.h"

int nowhere_to_be_found(void);

static scanhost_family family;
static scanhost_plugin plugin;

const scanhost_plugin* scanhost_plugin_entry(void) {
  make_good(&plugin, &family, "undefined_symbol");
  plugin.default_page_size = (uint32_t)nowhere_to_be_found();
  return &plugin;
}
