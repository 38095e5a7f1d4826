/* SPDX-License-Identifier: Apache-2.0
 *
 * Counts a candidate where there is none.
 */
#define ON_FINISH(v)                                                                 \
  if ((v)->found.processed == 0 && (v)->found.errors == 0) (v)->found.processed = 1; \
  host->finish(host, (v)->scan, &(v)->found)
#include "sweep.h"

SWEEP(counts_nothing)
