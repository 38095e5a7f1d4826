/* SPDX-License-Identifier: Apache-2.0
 *
 * Its tag pattern has two stars.
 */
#include "good.h"

static scanhost_family family;
static scanhost_plugin plugin;

const scanhost_plugin* scanhost_plugin_entry(void) {
  make_good(&plugin, &family, "two_stars");
  family.tag_pattern = text_of("{*:*}");
  return &plugin;
}
