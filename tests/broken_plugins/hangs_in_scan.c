/* SPDX-License-Identifier: Apache-2.0
 *
 * Waits inside its scan for something that never happens.
 */
#define _GNU_SOURCE
#include <unistd.h>

#define ON_SCAN(running) \
  for (;;) pause();
#include "sweep.h"

SWEEP(hangs_in_scan)
