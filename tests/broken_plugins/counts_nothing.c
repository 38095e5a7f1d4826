/* SPDX-License-Identifier: Apache-2.0
 *
 * Counts a candidate where there is none.
 */
#define ON_FINISH(running)                                                                             \
  if ((running)->found.processed == 0 && (running)->found.errors == 0) (running)->found.processed = 1; \
  host->finish(host, (running)->scan, &(running)->found)
#include "sweep.h"

SWEEP(counts_nothing)
