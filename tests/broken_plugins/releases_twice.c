/* SPDX-License-Identifier: Apache-2.0
 *
 * Releases each batch twice.
 */
#define ON_DONE(running, replies) \
  running->sent = 0;              \
  host->replies_release(host, running->scan, replies);
#include "sweep.h"

SWEEP(releases_twice)
