/* SPDX-License-Identifier: Apache-2.0
 *
 * Built for another major of the ABI, whose fields beyond the head may be anything.
 */
#include "good.h"

static scanhost_family family;
static scanhost_plugin plugin;

const scanhost_plugin* scanhost_plugin_entry(void) {
  make_good(&plugin, &family, "wrong_major");
  plugin.abi_major = SCANHOST_ABI_MAJOR + 1;
  plugin.sdk_version = text_of("2.0.0");
  memset((char*)&plugin + offsetof(scanhost_plugin, name), 0x5a,
         sizeof plugin - offsetof(scanhost_plugin, name));
  return &plugin;
}
