/* SPDX-License-Identifier: Apache-2.0
 *
 * Finishes each scan twice.
 */
#define ON_FINISH(v)                          \
  host->finish(host, (v)->scan, &(v)->found); \
  host->finish(host, (v)->scan, &(v)->found)
#include "sweep.h"

SWEEP(finishes_twice)
