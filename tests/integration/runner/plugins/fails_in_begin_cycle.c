/* SPDX-License-Identifier: Apache-2.0
 *
 * Refuses to begin its second cycle.
 */
#include <scanhost/scanhost.h>
static void begin_cycle(void* self, scanhost_scan* scan, uint64_t cycle);
#define SMALL_BEGIN_CYCLE &begin_cycle
#include "small.h"

static const scanhost_host* lent;

static scanhost_status small_create(const scanhost_host* host, void** self, scanhost_error* error) {
  (void)error;
  lent = host;
  *self = 0;
  return SCANHOST_OK;
}
static void small_destroy(void* self) { (void)self; }
static void begin_cycle(void* self, scanhost_scan* scan, uint64_t cycle) {
  const scanhost_result result = handled(0);
  (void)self;
  if (cycle == 2)
    lent->fail(lent, scan, text_of("no second cycle"));
  else
    lent->finish(lent, scan, &result);
}
static void small_scan(void* self, scanhost_scan* scan, const scanhost_partition* partition) {
  const scanhost_result result = handled(1);
  (void)self;
  (void)partition;
  lent->finish(lent, scan, &result);
}
SMALL_PLUGIN("fails_in_begin_cycle")
