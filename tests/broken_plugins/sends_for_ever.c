/* SPDX-License-Identifier: Apache-2.0
 *
 * Sends a command again until it succeeds.
 */
#define ON_PAGE(running, replies)                                                             \
  if (items == NULL && scanhost_outcome_at(replies, 0)->kind == SCANHOST_OUTCOME_TRANSIENT) { \
    host->replies_release(host, running->scan, replies);                                      \
    on_turn(running, running->allowance);                                                     \
    return;                                                                                   \
  }
#include "sweep.h"

SWEEP(sends_for_ever)
