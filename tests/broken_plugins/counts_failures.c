/* SPDX-License-Identifier: Apache-2.0
 *
 * Counts candidates that failed as processed.
 */
#define ON_PAGE(running, replies) \
  if (items == NULL) ++running->found.processed;
#include "sweep.h"

SWEEP(counts_failures)
