/* SPDX-License-Identifier: Apache-2.0
 *
 * Its entry returns no descriptor.
 */
#include "good.h"

const scanhost_plugin* scanhost_plugin_entry(void) { return 0; }
