/* SPDX-License-Identifier: Apache-2.0
 *
 * Ends the process while it is opened. By _exit, since ThreadSanitizer lets nobody leave dlopen by exit.
 */
#include <stdio.h>
#include <unistd.h>

#include "good.h"

__attribute__((constructor)) static void leave(void) {
  fputs("I will not be a plugin\n", stderr);
  _exit(3);
}

static scanhost_family family;
static scanhost_plugin plugin;

const scanhost_plugin* scanhost_plugin_entry(void) {
  make_good(&plugin, &family, "constructor_exits");
  return &plugin;
}
