/* SPDX-License-Identifier: Apache-2.0
 *
 * Requires an extension that no host has.
 */
#include "good.h"

static const scanhost_string required = TEXT("acme.telepathy/1");

static scanhost_family family;
static scanhost_plugin plugin;

const scanhost_plugin* scanhost_plugin_entry(void) {
  make_good(&plugin, &family, "missing_extension");
  plugin.required_extensions = &required;
  plugin.required_extension_count = 1;
  return &plugin;
}
