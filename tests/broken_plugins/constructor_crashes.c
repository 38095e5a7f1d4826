/* SPDX-License-Identifier: Apache-2.0
 *
 * Crashes while it is opened.
 */
#include <signal.h>

#include "good.h"

__attribute__((constructor)) static void crash(void) { raise(SIGSEGV); }

static scanhost_family family;
static scanhost_plugin plugin;

const scanhost_plugin* scanhost_plugin_entry(void) {
  make_good(&plugin, &family, "constructor_crashes");
  return &plugin;
}
