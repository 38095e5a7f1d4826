/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads a reply after it released the batch.
 */
#define ON_DONE(running, replies)                                            \
  host->replies_release(host, running->scan, replies);                       \
  running->found.backlog += (uint64_t)scanhost_outcome_at(replies, 0)->kind; \
  ask(running);                                                              \
  return;
#include "sweep.h"

SWEEP(reads_a_reply_late)
