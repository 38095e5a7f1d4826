/* SPDX-License-Identifier: Apache-2.0
 *
 * Looks at the clock, sees a candidate that comes due 20 ms later, and is at work for 60 ms before it says
 * so: by then that candidate is due.
 */
#include "small.h"

static const scanhost_host* lent;

struct visit {
  scanhost_scan* scan;
  int64_t next_due_ms;
};
static struct visit visits[4];

static void finish(void* user) {
  const struct visit* visit = (const struct visit*)user;
  scanhost_result result = handled(1);
  result.next_due_ms = visit->next_due_ms;
  lent->finish(lent, visit->scan, &result);
}

static scanhost_status small_create(const scanhost_host* host, void** self, scanhost_error* error) {
  (void)error;
  lent = host;
  *self = visits;
  return SCANHOST_OK;
}
static void small_destroy(void* self) { (void)self; }
static void small_scan(void* self, scanhost_scan* scan, const scanhost_partition* partition) {
  struct visit* visit = &visits[partition->index];
  (void)self;
  visit->scan = scan;
  visit->next_due_ms = lent->now_ms(lent, scan) + 20;
  lent->after(lent, scan, 60, &finish, visit);
}
SMALL_PLUGIN("works_long")
