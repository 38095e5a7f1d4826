/* SPDX-License-Identifier: Apache-2.0
 *
 * Its create fails.
 */
#include "good.h"

static scanhost_status create(const scanhost_host* host, void** self, scanhost_error* error) {
  static const char reason[] = "the moon is not full";
  (void)host;
  (void)self;
  memcpy(error->buffer, reason, sizeof reason - 1);
  error->size = sizeof reason - 1;
  return SCANHOST_FAILED;
}

static scanhost_family family;
static scanhost_plugin plugin;

const scanhost_plugin* scanhost_plugin_entry(void) {
  make_good(&plugin, &family, "create_fails");
  plugin.create = create;
  return &plugin;
}
