/* SPDX-License-Identifier: Apache-2.0
 *
 * Assumes that a command is never cancelled.
 */
#define ON_DONE(running, replies) \
  if (scanhost_outcome_at(replies, 0)->kind == SCANHOST_OUTCOME_CANCELLED) abort();
#include "sweep.h"

SWEEP(crashes_when_cancelled)
