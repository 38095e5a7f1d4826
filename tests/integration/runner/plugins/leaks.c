/* SPDX-License-Identifier: Apache-2.0
 *
 * Loses track of 256 KiB with each scan: a mebibyte a cycle over four partitions.
 */
#include <stdlib.h>

#include "small.h"

enum { leak = 256 * 1024 };

static const scanhost_host* lent;
static void* volatile lost;

static scanhost_status small_create(const scanhost_host* host, void** self, scanhost_error* error) {
  (void)error;
  lent = host;
  *self = &lent;
  return SCANHOST_OK;
}
static void small_destroy(void* self) { (void)self; }
static void small_scan(void* self, scanhost_scan* scan, const scanhost_partition* partition) {
  const scanhost_result result = handled(1);
  (void)self;
  (void)partition;
  lost = malloc(leak);
  if (lost) memset(lost, 1, leak);
  lent->finish(lent, scan, &result);
}
SMALL_PLUGIN("leaks")
