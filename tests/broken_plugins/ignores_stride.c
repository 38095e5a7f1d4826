/* SPDX-License-Identifier: Apache-2.0
 *
 * Walks the outcomes as an array and ignores their stride.
 */
#define ON_DONE(running, replies)                                                                       \
  for (i = 0; i < running->sent; ++i)                                                                   \
    if (replies->outcomes[i].kind == SCANHOST_OUTCOME_REPLY && replies->outcomes[i].reply->integer < 0) \
      return;                                                                                           \
    else if (replies->outcomes[i].kind > SCANHOST_OUTCOME_HELD_BACK || replies->outcomes[i].kind < 0)   \
      abort();
#include "sweep.h"

SWEEP(ignores_stride)
