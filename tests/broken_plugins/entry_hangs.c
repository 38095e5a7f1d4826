/* SPDX-License-Identifier: Apache-2.0
 *
 * Hangs in its entry.
 */
#include <unistd.h>

#include "good.h"

static scanhost_family family;
static scanhost_plugin plugin;

const scanhost_plugin* scanhost_plugin_entry(void) {
  make_good(&plugin, &family, "entry_hangs");
  for (;;) pause();
  return &plugin;
}
