/* SPDX-License-Identifier: Apache-2.0
 *
 * Stays inside `scan` until the file of its option exists; makes the file `<option>.inside` on its way in.
 */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "small.h"

static const scanhost_host* lent;
static char file[512];
static char inside[520];

static scanhost_status small_create(const scanhost_host* host, void** self, scanhost_error* error) {
  scanhost_string path;
  (void)error;
  lent = host;
  *self = 0;
  if (host->option_text(host, text_of("file"), 0, &path) == SCANHOST_OK && path.size < sizeof file) {
    memcpy(file, path.data ? path.data : "", path.size);
    file[path.size] = 0;
    snprintf(inside, sizeof inside, "%s.inside", file);
  }
  return SCANHOST_OK;
}
static void small_destroy(void* self) { (void)self; }
static void small_scan(void* self, scanhost_scan* scan, const scanhost_partition* partition) {
  const scanhost_result result = handled(1);
  const struct timespec moment = {0, 5000000};
  FILE* mark;
  (void)self;
  (void)partition;
  mark = fopen(inside, "w");
  if (mark) fclose(mark);
  while (access(file, F_OK) != 0) nanosleep(&moment, 0);
  lent->finish(lent, scan, &result);
}
SMALL_PLUGIN("hangs_in_scan")
