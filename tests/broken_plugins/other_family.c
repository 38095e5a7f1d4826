/* SPDX-License-Identifier: Apache-2.0
 *
 * Describes a family differently than the good plugin does.
 */
#include "good.h"

static scanhost_family family;
static scanhost_plugin plugin;

const scanhost_plugin* scanhost_plugin_entry(void) {
  make_good(&plugin, &family, "other_family");
  family.default_count = 5;
  return &plugin;
}
