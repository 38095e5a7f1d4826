/* SPDX-License-Identifier: Apache-2.0
 *
 * Its result counts more unchanged candidates than processed ones.
 */
#define ON_FINISH(running)                                     \
  ++(running)->found.processed;                                \
  (running)->found.unchanged = (running)->found.processed + 1; \
  host->finish(host, (running)->scan, &(running)->found)
#include "sweep.h"

SWEEP(bad_result)
