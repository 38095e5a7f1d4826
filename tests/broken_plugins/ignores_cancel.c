/* SPDX-License-Identifier: Apache-2.0
 *
 * Sends a page query again after it was cancelled.
 */
#define ON_PAGE(running, replies)                                            \
  if (scanhost_outcome_at(replies, 0)->kind == SCANHOST_OUTCOME_CANCELLED) { \
    on_turn(running, running->allowance);                                    \
    return;                                                                  \
  }
#include "sweep.h"

SWEEP(ignores_cancel)
