/* SPDX-License-Identifier: Apache-2.0
 *
 * A shared library that is not a plugin: its entry has another name.
 */
#include "good.h"

const scanhost_plugin* scanhost_plugin_entrance(void);

const scanhost_plugin* scanhost_plugin_entrance(void) { return 0; }
