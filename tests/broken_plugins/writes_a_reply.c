/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes a mark into a reply.
 */
#define ON_DONE(running, replies) ((scanhost_outcome*)replies->outcomes)->kind = 77;
#include "sweep.h"

SWEEP(writes_a_reply)
