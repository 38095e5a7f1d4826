/* SPDX-License-Identifier: Apache-2.0
 *
 * Sends a command in its create, although commands belong to scans.
 */
#include "good.h"

static scanhost_status create(const scanhost_host* host, void** self, scanhost_error* error) {
  (void)self;
  (void)error;
  host->execute(host, 0, 0, 0, 0, 0, 0);
  return SCANHOST_OK;
}

static scanhost_family family;
static scanhost_plugin plugin;

const scanhost_plugin* scanhost_plugin_entry(void) {
  make_good(&plugin, &family, "create_executes");
  plugin.create = create;
  return &plugin;
}
