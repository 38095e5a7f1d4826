/* SPDX-License-Identifier: Apache-2.0
 *
 * Its plugin has another name than its file.
 */
#include "good.h"

static scanhost_family family;
static scanhost_plugin plugin;

const scanhost_plugin* scanhost_plugin_entry(void) {
  make_good(&plugin, &family, "another_name");
  return &plugin;
}
