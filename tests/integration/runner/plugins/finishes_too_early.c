/* SPDX-License-Identifier: Apache-2.0
 *
 * Ends its scans while a callback is still to come.
 */
#include "small.h"

static const scanhost_host* lent;

static void too_late(void* user) { (void)user; }

static scanhost_status small_create(const scanhost_host* host, void** self, scanhost_error* error) {
  (void)error;
  lent = host;
  *self = 0;
  return SCANHOST_OK;
}
static void small_destroy(void* self) { (void)self; }
static void small_scan(void* self, scanhost_scan* scan, const scanhost_partition* partition) {
  const scanhost_result result = handled(1);
  (void)self;
  (void)partition;
  lent->after(lent, scan, 1, &too_late, 0);
  lent->finish(lent, scan, &result);
}
SMALL_PLUGIN("finishes_too_early")
