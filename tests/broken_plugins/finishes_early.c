/* SPDX-License-Identifier: Apache-2.0
 *
 * Finishes a scan with a timer still to come.
 */
static void on_time(void* user) { (void)user; }
#define ON_SCAN(v)                                \
  host->after(host, (v)->scan, 5, on_time, NULL); \
  end_visit(v);                                   \
  return;
#include "sweep.h"

SWEEP(finishes_early)
