/* SPDX-License-Identifier: Apache-2.0
 *
 * Prints to standard output and standard error, which is bad manners but no reason to refuse it.
 */
#include <stdio.h>

#include "good.h"

static scanhost_family family;
static scanhost_plugin plugin;

const scanhost_plugin* scanhost_plugin_entry(void) {
  make_good(&plugin, &family, "noisy");
  puts("{\"step\": 1}");
  fflush(stdout);
  fputs("hello\n", stderr);
  return &plugin;
}
