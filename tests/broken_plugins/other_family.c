/* SPDX-License-Identifier: Apache-2.0
 *
 * Nothing is wrong with it: it describes a family of the same name as the good plugin has, but another one.
 */
#include "good.h"

static scanhost_family family;
static scanhost_plugin plugin;

const scanhost_plugin* scanhost_plugin_entry(void) {
  make_good(&plugin, &family, "other_family");
  family.default_count = 5;
  return &plugin;
}
