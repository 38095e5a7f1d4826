/* SPDX-License-Identifier: Apache-2.0
 *
 * The plugin's name differs from the name of its file.
 */
#include "good.h"

static scanhost_family family;
static scanhost_plugin plugin;

const scanhost_plugin* scanhost_plugin_entry(void) {
  make_good(&plugin, &family, "another_name");
  return &plugin;
}
