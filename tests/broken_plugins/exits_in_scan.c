/* SPDX-License-Identifier: Apache-2.0
 *
 * Ends the process in its scan.
 */
#define ON_SCAN(running) exit(3);
#include "sweep.h"

SWEEP(exits_in_scan)
