/* SPDX-License-Identifier: Apache-2.0
 *
 * Counts what failed as processed.
 */
#define ON_PAGE(v, replies) \
  if (items == NULL) ++v->found.processed;
#include "sweep.h"

SWEEP(counts_failures)
