/* SPDX-License-Identifier: Apache-2.0
 *
 * Returns another descriptor each time its entry is called.
 */
#include "sweep.h"

static scanhost_plugin plugins[64];
static unsigned asked;

const scanhost_plugin* scanhost_plugin_entry(void) {
  scanhost_plugin* next = &plugins[asked++ % 64];
  *next = *make_sweep("entry_changes");
  return next;
}
