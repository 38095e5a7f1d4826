/* SPDX-License-Identifier: Apache-2.0
 *
 * Looks at the clock, sees a candidate that comes due 20 ms later, and is at work for 60 ms before it says
 * so: by then that candidate is due.
 */
#include "small.h"

static const scanhost_host* lent;

struct running_scan {
  scanhost_scan* scan;
  int64_t next_due_ms;
};
static struct running_scan running_scans[4];

static void finish(void* user) {
  const struct running_scan* running = (const struct running_scan*)user;
  scanhost_result result = handled(1);
  result.next_due_ms = running->next_due_ms;
  lent->finish(lent, running->scan, &result);
}

static scanhost_status small_create(const scanhost_host* host, void** self, scanhost_error* error) {
  (void)error;
  lent = host;
  *self = running_scans;
  return SCANHOST_OK;
}
static void small_destroy(void* self) { (void)self; }
static void small_scan(void* self, scanhost_scan* scan, const scanhost_partition* partition) {
  struct running_scan* running = &running_scans[partition->index];
  (void)self;
  running->scan = scan;
  running->next_due_ms = lent->now_ms(lent, scan) + 20;
  lent->after(lent, scan, 60, &finish, running);
}
SMALL_PLUGIN("works_long")
