/* SPDX-License-Identifier: Apache-2.0
 *
 * Needs a newer minor than the host has.
 */
#include "good.h"

static scanhost_family family;
static scanhost_plugin plugin;

const scanhost_plugin* scanhost_plugin_entry(void) {
  make_good(&plugin, &family, "newer_minor");
  plugin.version = text_of("7.0.0");
  plugin.abi_minor_required = SCANHOST_ABI_MINOR + 1;
  plugin.abi_minor_built = SCANHOST_ABI_MINOR + 2;
  return &plugin;
}
