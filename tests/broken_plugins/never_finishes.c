/* SPDX-License-Identifier: Apache-2.0
 *
 * Leaves a scan open when its page is empty.
 */
#define ON_PAGE(running, replies) \
  if (items != NULL && items->element_count == 0) return;
#include "sweep.h"

SWEEP(never_finishes)
