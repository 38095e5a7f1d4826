/* SPDX-License-Identifier: Apache-2.0
 *
 * A scanner of a listed family with nothing wrong.
 */
#include "sweep.h"

const scanhost_plugin* scanhost_plugin_entry(void) {
  make_sweep("sweeps_listed");
  sweep_family.default_count = 0;
  sweep_family.members = SCANHOST_MEMBERS_FROM_KEY;
  sweep_family.members_from = text_of("queues");
  return &sweep_plugin;
}
