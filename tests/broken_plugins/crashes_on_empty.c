/* SPDX-License-Identifier: Apache-2.0
 *
 * Assumes that there is always a candidate.
 */
#include <signal.h>

#define ON_PAGE(running, replies) \
  if (items != NULL && items->element_count == 0) raise(SIGSEGV);
#include "sweep.h"

SWEEP(crashes_on_empty)
