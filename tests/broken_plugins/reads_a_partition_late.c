/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads its partition after the scan was finished.
 */
static volatile unsigned last_index;
#define ON_FINISH(v)                          \
  host->finish(host, (v)->scan, &(v)->found); \
  last_index = (v)->where->index
#include "sweep.h"

SWEEP(reads_a_partition_late)
