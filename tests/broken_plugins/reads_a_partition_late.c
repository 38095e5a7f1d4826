/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads its partition after the scan was finished.
 */
static volatile unsigned last_index;
#define ON_FINISH(running)                                \
  host->finish(host, (running)->scan, &(running)->found); \
  last_index = (running)->where->index
#include "sweep.h"

SWEEP(reads_a_partition_late)
