/* SPDX-License-Identifier: Apache-2.0
 *
 * Releases each batch twice.
 */
#define ON_DONE(v, replies) \
  v->sent = 0;              \
  host->replies_release(host, v->scan, replies);
#include "sweep.h"

SWEEP(releases_twice)
