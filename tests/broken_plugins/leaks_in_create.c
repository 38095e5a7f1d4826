/* SPDX-License-Identifier: Apache-2.0
 *
 * Allocates memory in create that destroy does not free.
 */
static void* volatile kept;
#define ON_CREATE(error) kept = malloc(24);
#include "sweep.h"

SWEEP(leaks_in_create)
