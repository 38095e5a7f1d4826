/* SPDX-License-Identifier: Apache-2.0
 *
 * Answers every question for its descriptor with another one.
 */
#include "sweep.h"

static scanhost_plugin plugins[64];
static unsigned asked;

const scanhost_plugin* scanhost_plugin_entry(void) {
  scanhost_plugin* next = &plugins[asked++ % 64];
  *next = *make_sweep("entry_changes");
  return next;
}
