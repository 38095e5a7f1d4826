/* SPDX-License-Identifier: Apache-2.0
 *
 * Forgets the scans that are in flight when it is destroyed.
 */
#define DROP(running) (void)(running)
#include "sweep.h"

SWEEP(leaks_dropped_scans)
