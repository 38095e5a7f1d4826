/* SPDX-License-Identifier: Apache-2.0
 *
 * Allocates in each scan what nobody frees.
 */
static void* volatile kept;
#define ON_SCAN(v) kept = malloc(24);
#include "sweep.h"

SWEEP(leaks_in_scan)
