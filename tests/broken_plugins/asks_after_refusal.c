/* SPDX-License-Identifier: Apache-2.0
 *
 * Asks once more when a turn is refused.
 */
#define ON_TURN(running)                                 \
  if (allowance == 0 && running->found.skipped++ == 0) { \
    ask(running);                                        \
    return;                                              \
  }
#include "sweep.h"

SWEEP(asks_after_refusal)
