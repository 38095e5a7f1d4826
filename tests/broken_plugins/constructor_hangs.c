/* SPDX-License-Identifier: Apache-2.0
 *
 * Hangs while it is opened.
 */
#include <unistd.h>

#include "good.h"

__attribute__((constructor)) static void wait_for_ever(void) {
  for (;;) pause();
}

static scanhost_family family;
static scanhost_plugin plugin;

const scanhost_plugin* scanhost_plugin_entry(void) {
  make_good(&plugin, &family, "constructor_hangs");
  return &plugin;
}
