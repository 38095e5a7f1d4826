/* SPDX-License-Identifier: Apache-2.0
 *
 * Assumes that no command is refused.
 */
#define ON_PAGE(running, replies) \
  if (scanhost_outcome_at(replies, 0)->kind == SCANHOST_OUTCOME_REFUSED) abort();
#include "sweep.h"

SWEEP(crashes_when_refused)
