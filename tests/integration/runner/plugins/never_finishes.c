/* SPDX-License-Identifier: Apache-2.0
 *
 * Forgets the scan of partition 1, and does not listen when it is cancelled.
 */
#include "small.h"

static const scanhost_host* lent;

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
  if (partition->index != 1) lent->finish(lent, scan, &result);
}
SMALL_PLUGIN("never_finishes")
