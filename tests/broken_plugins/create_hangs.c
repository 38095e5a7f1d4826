/* SPDX-License-Identifier: Apache-2.0
 *
 * Hangs in its create.
 */
#include <unistd.h>

#include "good.h"

static scanhost_status create(const scanhost_host* host, void** self, scanhost_error* error) {
  (void)host;
  (void)self;
  (void)error;
  for (;;) pause();
  return SCANHOST_OK;
}

static scanhost_family family;
static scanhost_plugin plugin;

const scanhost_plugin* scanhost_plugin_entry(void) {
  make_good(&plugin, &family, "create_hangs");
  plugin.create = create;
  return &plugin;
}
