/* SPDX-License-Identifier: Apache-2.0
 *
 * Refuses its option `file` while it names a file that does not exist.
 */
#define _POSIX_C_SOURCE 200809L
#include <scanhost/helpers.h>
#include <unistd.h>

#include "small.h"

static const scanhost_host* lent;

static scanhost_status small_create(const scanhost_host* host, void** self, scanhost_error* error) {
  scanhost_string path;
  lent = host;
  *self = 0;
  host->option_text(host, text_of("file"), 0, &path);
  if (path.size > 0 && access(path.data, F_OK) != 0)
    return scanhost_bad_option(error, "file", "expected a file that exists");
  return SCANHOST_OK;
}
static void small_destroy(void* self) { (void)self; }
static void small_scan(void* self, scanhost_scan* scan, const scanhost_partition* partition) {
  const scanhost_result result = handled(1);
  (void)self;
  (void)partition;
  lent->finish(lent, scan, &result);
}
SMALL_PLUGIN("refuses_option")
