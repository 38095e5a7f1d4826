/* SPDX-License-Identifier: Apache-2.0
 *
 * begin_cycle, end_cycle and each scan append a line to the list `calls` in the store: "begin 1", "scan 1",
 * "end 1". begin_cycle adds 100 to what was processed, each scan 1, end_cycle 1,000.
 *
 * Its option is one word, for what it does not do, and a file, which `destroy` writes "dropped=N open=M" to:
 * for how many scans `dropped` was called, and how many are neither finished nor dropped. forgets_begin,
 * forgets_end, forgets_scans   never finishes them waits_in_begin, waits_in_end                finishes them
 * after an hour stays_in_begin                              stays inside begin_cycle until `<file>.go` exists
 *
 * HOOKS_SERIAL: one scan at a time, with the blocking forms.
 */
#define _POSIX_C_SOURCE 200809L
#include <scanhost/scanhost.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#ifdef HOOKS_SERIAL
#define SMALL_FLAGS SCANHOST_PLUGIN_SERIAL
#define HOOKS_NAME "hooks_serial"
#else
#define HOOKS_NAME "hooks"
#endif

static void begin_cycle(void* self, scanhost_scan* scan, uint64_t cycle);
static void end_cycle(void* self, scanhost_scan* scan, uint64_t cycle);
static void dropped(void* self, scanhost_scan* scan, void* data);
#define SMALL_BEGIN_CYCLE &begin_cycle
#define SMALL_END_CYCLE &end_cycle
#define SMALL_DROPPED &dropped
#include "small.h"

typedef struct {
  scanhost_scan* scan;
  const char* kind;
  uint64_t processed;
} visit;

static const scanhost_host* lent;
static const scanhost_blocking* blocking;
static char word[32], file[256];
static int dropped_count, open_count;

static scanhost_status small_create(const scanhost_host* host, void** self, scanhost_error* error) {
  scanhost_string option;
  char text[sizeof word + sizeof file];
  lent = host;
  *self = 0;
  if (host->option_text(host, text_of("file"), 0, &option) == SCANHOST_OK && option.size < sizeof text) {
    snprintf(text, sizeof text, "%.*s", (int)option.size, option.size == 0 ? "" : option.data);
    sscanf(text, "%31s %255s", word, file);
  }
#ifdef HOOKS_SERIAL
  blocking = (const scanhost_blocking*)host->get_extension(host, text_of(SCANHOST_EXT_BLOCKING));
  if (!blocking) say(error, "no blocking forms");
  return blocking ? SCANHOST_OK : SCANHOST_FAILED;
#else
  (void)error;
  return SCANHOST_OK;
#endif
}

static void small_destroy(void* self) {
  FILE* report = file[0] ? fopen(file, "w") : 0;
  (void)self;
  if (!report) return;
  fprintf(report, "dropped=%d open=%d", dropped_count, open_count);
  fclose(report);
}

static void dropped(void* self, scanhost_scan* scan, void* data) {
  (void)self;
  ++dropped_count;
  if (!data) return; /* an abandoned generation could not keep it */
  if (((visit*)data)->scan != scan) abort();
  --open_count;
  free(data);
}

static int does(const char* what, const char* kind) {
  char both[32];
  snprintf(both, sizeof both, "%s_%s", what, kind);
  return strcmp(word, both) == 0;
}

static void finish(visit* ended) {
  const scanhost_result result = handled(ended->processed);
  lent->finish(lent, ended->scan, &result);
  --open_count;
  free(ended);
}

static void on_time(void* user) { finish(user); }

static void on_replies(void* user, const scanhost_replies* replies) {
  visit* each = user;
  lent->replies_release(lent, each->scan, replies);
  if (does("forgets", each->kind)) return;
  if (does("waits_in", each->kind))
    (void)lent->after(lent, each->scan, 3600000, &on_time, each);
  else
    finish(each);
}

/* Opens a visit and sends its line. */
static void start(scanhost_scan* scan, const char* kind, uint64_t cycle, uint64_t processed) {
  char line[64];
  scanhost_string args[3];
  scanhost_command push;
  visit* opened = malloc(sizeof *opened);
  opened->scan = scan;
  opened->kind = kind;
  opened->processed = processed;
  ++open_count;
  lent->set_scan_data(lent, scan, opened);
  snprintf(line, sizeof line, "%s %llu", strcmp(kind, "scans") == 0 ? "scan" : kind,
           (unsigned long long)cycle);
  args[0] = text_of("RPUSH");
  args[1] = text_of("calls");
  args[2] = text_of(line);
  memset(&push, 0, sizeof push);
  push.struct_size = sizeof push;
  push.args = args;
  push.arg_count = 3;
  if (blocking)
    on_replies(opened, blocking->execute(lent, scan, &push, 1, sizeof push));
  else /* if it refuses, as that of an abandoned generation, the scan is dropped */
    (void)lent->execute(lent, scan, &push, 1, sizeof push, &on_replies, opened);
}

static void stay_inside(void) {
  const struct timespec moment = {0, 5000000};
  char go[sizeof file + 4];
  snprintf(go, sizeof go, "%s.go", file);
  while (access(go, F_OK) != 0) nanosleep(&moment, 0);
}

static void begin_cycle(void* self, scanhost_scan* scan, uint64_t cycle) {
  (void)self;
  if (strcmp(word, "stays_in_begin") == 0) stay_inside();
  start(scan, "begin", cycle, 100);
}
static void end_cycle(void* self, scanhost_scan* scan, uint64_t cycle) {
  (void)self;
  start(scan, "end", cycle, 1000);
}
static void small_scan(void* self, scanhost_scan* scan, const scanhost_partition* partition) {
  (void)self;
  start(scan, "scans", partition->cycle, 1);
}
SMALL_PLUGIN(HOOKS_NAME)
