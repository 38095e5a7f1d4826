/* SPDX-License-Identifier: Apache-2.0
 *
 * Allocates memory in each scan that is never freed.
 */
static void* volatile kept;
#define ON_SCAN(running) kept = malloc(24);
#include "sweep.h"

SWEEP(leaks_in_scan)
