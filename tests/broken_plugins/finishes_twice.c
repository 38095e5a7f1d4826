/* SPDX-License-Identifier: Apache-2.0
 *
 * Finishes each scan twice.
 */
#define ON_FINISH(running)                                \
  host->finish(host, (running)->scan, &(running)->found); \
  host->finish(host, (running)->scan, &(running)->found)
#include "sweep.h"

SWEEP(finishes_twice)
