/* SPDX-License-Identifier: Apache-2.0
 *
 * Says, of members that the store names, what is not UTF-8, and a lot of it. Its option decides what each
 * scan does: "fails" reports an item that fails and fails itself, "noisy" logs far more than a pipe holds,
 * "crashes" does that and crashes.
 */
#include <scanhost/helpers.h>
#include <signal.h>
#include <string.h>

#define BYTES "\xff\xfe caf\xc3\xa9 \x1b"

static const scanhost_host* lent;
static const scanhost_failures* failures;
static scanhost_string mode;

static int mode_is(const char* name) {
  return mode.size == strlen(name) && memcmp(mode.data, name, mode.size) == 0;
}

static void log_lines(int count) {
  static char text[501];
  const scanhost_field field = {scanhost_text(BYTES), scanhost_text(BYTES)};
  memset(text, 'x', sizeof text - 1);
  lent->log(lent, SCANHOST_LOG_WARN, scanhost_text(BYTES), &field, 1);
  for (int i = 0; i < count; ++i) lent->log(lent, SCANHOST_LOG_WARN, scanhost_text(text), 0, 0);
}

static scanhost_status create(const scanhost_host* host, void** self, scanhost_error* error) {
  *self = 0;
  lent = host;
  failures = (const scanhost_failures*)host->get_extension(host, scanhost_text(SCANHOST_EXT_FAILURES));
  if (host->option_text(host, scanhost_text("mode"), 0, &mode) != SCANHOST_OK)
    return scanhost_failed(error, "there is no mode");
  return SCANHOST_OK;
}

static void destroy(void* self) { (void)self; }

static void scan(void* self, scanhost_scan* scan, const scanhost_partition* partition) {
  const scanhost_result done = {.struct_size = sizeof done};
  (void)self;
  (void)partition;
  log_lines(mode_is("fails") ? 0 : 400);
  if (mode_is("crashes")) raise(SIGSEGV);
  if (!mode_is("fails")) {
    lent->finish(lent, scan, &done);
    return;
  }
  for (int i = 0; i < 3; ++i) failures->failure(lent, scan, scanhost_text(BYTES), scanhost_text(BYTES));
  lent->fail(lent, scan, scanhost_text(BYTES));
}

static const scanhost_family family = {.struct_size = sizeof family,
                                       .name = SCANHOST_TEXT("shard"),
                                       .tag_pattern = SCANHOST_TEXT("{s:*}"),
                                       .members = SCANHOST_MEMBERS_FROM_KEY,
                                       .members_from = SCANHOST_TEXT("members")};
static const scanhost_option option = {.struct_size = sizeof option,
                                       .type = SCANHOST_OPTION_TEXT,
                                       .name = SCANHOST_TEXT("mode"),
                                       .help = SCANHOST_TEXT("what each scan does"),
                                       .flags = SCANHOST_OPTION_REQUIRED};
static const scanhost_plugin plugin = {SCANHOST_PLUGIN_HEAD,
                                       .name = SCANHOST_TEXT("speaks_bytes"),
                                       .version = SCANHOST_TEXT("1.0"),
                                       .families = &family,
                                       .family_count = 1,
                                       .family_stride = sizeof family,
                                       .default_interval_ms = 100,
                                       .default_page_size = 10,
                                       .options = &option,
                                       .option_count = 1,
                                       .option_stride = sizeof option,
                                       .create = create,
                                       .destroy = destroy,
                                       .scan = scan};
const scanhost_plugin* scanhost_plugin_entry(void) { return &plugin; }
