/* SPDX-License-Identifier: Apache-2.0
 *
 * Fails the whole scanner because of one error.
 */
#define ON_PAGE(running, replies)                                                               \
  if (items == NULL && scanhost_outcome_at(replies, 0)->kind == SCANHOST_OUTCOME_ERROR_REPLY) { \
    host->fail(host, running->scan, scanhost_text("an error reply"));                           \
    return;                                                                                     \
  }
#include "sweep.h"

SWEEP(fails_on_errors)
