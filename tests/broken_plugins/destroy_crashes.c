/* SPDX-License-Identifier: Apache-2.0
 *
 * Crashes in its destroy.
 */
#include <stdlib.h>

#include "good.h"

static void destroy(void* self) {
  (void)self;
  abort();
}

static scanhost_family family;
static scanhost_plugin plugin;

const scanhost_plugin* scanhost_plugin_entry(void) {
  make_good(&plugin, &family, "destroy_crashes");
  plugin.destroy = destroy;
  return &plugin;
}
