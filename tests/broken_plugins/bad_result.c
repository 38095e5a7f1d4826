/* SPDX-License-Identifier: Apache-2.0
 *
 * Its result says that more was unchanged than there was.
 */
#define ON_FINISH(v)                               \
  ++(v)->found.processed;                          \
  (v)->found.unchanged = (v)->found.processed + 1; \
  host->finish(host, (v)->scan, &(v)->found)
#include "sweep.h"

SWEEP(bad_result)
