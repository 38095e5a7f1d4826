/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads a reply after it released the batch.
 */
#define ON_DONE(v, replies)                                            \
  host->replies_release(host, v->scan, replies);                       \
  v->found.backlog += (uint64_t)scanhost_outcome_at(replies, 0)->kind; \
  ask(v);                                                              \
  return;
#include "sweep.h"

SWEEP(reads_a_reply_late)
