/* SPDX-License-Identifier: Apache-2.0
 *
 * Exports a function besides the entry.
 */
#include "sweep.h"

__attribute__((visibility("default"))) int exports_more_helper(void);
int exports_more_helper(void) { return 1; }

SWEEP(exports_more)
