/* SPDX-License-Identifier: Apache-2.0
 *
 * Counts its scans, hands the count over to its successor and shows it as a gauge. Its option `file` names
 * how it misbehaves: "large" leaves a state that is too large, "picky" refuses every state.
 */
#include <scanhost/types.h>
#include <stdio.h>
#include <stdlib.h>
static const void* small_extension(scanhost_string id);
#define SMALL_EXTENSION &small_extension
#include "small.h"

static const scanhost_host* lent;
static const scanhost_metrics* metrics;
static scanhost_metric* shown;
static unsigned long scans;
static scanhost_string manner;

static int manner_is(const char* name) {
  return manner.size == strlen(name) && memcmp(manner.data, name, manner.size) == 0;
}

static scanhost_status small_create(const scanhost_host* host, void** self, scanhost_error* error) {
  (void)error;
  lent = host;
  *self = 0;
  metrics = host->get_extension(host, text_of(SCANHOST_EXT_METRICS));
  shown = metrics->series(host, SCANHOST_METRIC_GAUGE, text_of("scans_in_all"), text_of("x"), 0, 0, 0, 0);
  host->option_text(host, text_of("file"), 0, &manner);
  return SCANHOST_OK;
}
static void small_destroy(void* self) { (void)self; }
static void small_scan(void* self, scanhost_scan* scan, const scanhost_partition* partition) {
  const scanhost_result result = handled(1);
  (void)self;
  (void)partition;
  metrics->record(lent, shown, (double)++scans);
  lent->finish(lent, scan, &result);
}

static scanhost_status export_state(void* self, scanhost_write_state write, void* writer,
                                    scanhost_error* error) {
  char text[32];
  (void)self;
  (void)error;
  snprintf(text, sizeof text, "%lu", scans);
  while (manner_is("large"))
    if (write(writer, text_of("0123456789abcdef")) != SCANHOST_OK) return SCANHOST_OK;
  return write(writer, text_of(text));
}

static scanhost_status import_state(void* self, uint32_t version, scanhost_string bytes,
                                    scanhost_error* error) {
  char text[32] = {0};
  (void)self;
  (void)error;
  if (manner_is("picky") || version != 7 || bytes.size >= sizeof text) return SCANHOST_FAILED;
  memcpy(text, bytes.data, bytes.size);
  scans = strtoul(text, 0, 10);
  return SCANHOST_OK;
}

static const scanhost_state state = {sizeof(scanhost_state), 7, export_state, import_state};

static const void* small_extension(scanhost_string id) {
  const scanhost_string own = text_of(SCANHOST_EXT_STATE);
  return id.size == own.size && memcmp(id.data, own.data, own.size) == 0 ? &state : 0;
}
SMALL_PLUGIN("keeps_state")
