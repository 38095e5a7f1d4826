/* SPDX-License-Identifier: Apache-2.0
 *
 * Finishes a scan while a timer of it is pending.
 */
static void on_time(void* user) { (void)user; }
#define ON_SCAN(running)                                \
  host->after(host, (running)->scan, 5, on_time, NULL); \
  end_scan(running);                                    \
  return;
#include "sweep.h"

SWEEP(finishes_early)
