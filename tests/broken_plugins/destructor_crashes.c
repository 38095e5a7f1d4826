/* SPDX-License-Identifier: Apache-2.0
 *
 * Crashes while it is closed.
 */
#include <stdlib.h>

#include "good.h"

__attribute__((destructor)) static void crash(void) { abort(); }

static scanhost_family family;
static scanhost_plugin plugin;

const scanhost_plugin* scanhost_plugin_entry(void) {
  make_good(&plugin, &family, "destructor_crashes");
  return &plugin;
}
