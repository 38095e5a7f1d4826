/* SPDX-License-Identifier: Apache-2.0
 *
 * Partition 0 waits for an hour, unless it is cancelled; it claims to have processed 1,000 then. All others
 * process one each.
 */
#include "small.h"

static const scanhost_host* lent;

static void finish(void* scan) {
  const scanhost_result result = handled(1000);
  lent->finish(lent, (scanhost_scan*)scan, &result);
}

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
  if (partition->index == 0)
    lent->after(lent, scan, 3600000, &finish, scan);
  else
    lent->finish(lent, scan, &result);
}
SMALL_PLUGIN("waits_long")
