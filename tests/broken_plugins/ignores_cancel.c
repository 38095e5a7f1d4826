/* SPDX-License-Identifier: Apache-2.0
 *
 * Sends a page again when it is cancelled.
 */
#define ON_PAGE(v, replies)                                                  \
  if (scanhost_outcome_at(replies, 0)->kind == SCANHOST_OUTCOME_CANCELLED) { \
    on_turn(v, v->allowance);                                                \
    return;                                                                  \
  }
#include "sweep.h"

SWEEP(ignores_cancel)
