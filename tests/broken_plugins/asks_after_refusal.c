/* SPDX-License-Identifier: Apache-2.0
 *
 * Asks once more when a turn is refused.
 */
#define ON_TURN(v)                                 \
  if (allowance == 0 && v->found.skipped++ == 0) { \
    ask(v);                                        \
    return;                                        \
  }
#include "sweep.h"

SWEEP(asks_after_refusal)
