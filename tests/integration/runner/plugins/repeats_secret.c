/* SPDX-License-Identifier: Apache-2.0
 *
 * Repeats the value of its secret option wherever a plugin can write something. What `create` does beside
 * that, the first letters of the secret say: "refuse" and "fail" refuse it, "crash" crashes in the first
 * scan.
 */
#include <scanhost/helpers.h>
#include <signal.h>
#include <stdio.h>

static const scanhost_host* lent;
static const scanhost_failures* failures;
static const scanhost_metrics* metrics;
static scanhost_string token;
static char message[600];

/* The message ends with the token, which a string of C may hold. */
static const char* with_token(const char* text) {
  snprintf(message, sizeof message, "%s %.*s", text, (int)token.size, token.data);
  return message;
}

static int token_begins(const char* text) {
  return token.size >= strlen(text) && memcmp(token.data, text, strlen(text)) == 0;
}

static void log_token(int32_t level) {
  const scanhost_field field = {SCANHOST_TEXT("token"), token};
  lent->log(lent, level, scanhost_text(with_token("it logs")), &field, 1);
}

static scanhost_status create(const scanhost_host* host, void** self, scanhost_error* error) {
  const scanhost_field label = {SCANHOST_TEXT("who"), scanhost_text("x")};
  scanhost_field labels[1];
  *self = 0;
  lent = host;
  failures = (const scanhost_failures*)host->get_extension(host, scanhost_text(SCANHOST_EXT_FAILURES));
  metrics = (const scanhost_metrics*)host->get_extension(host, scanhost_text(SCANHOST_EXT_METRICS));
  if (host->option_text(host, scanhost_text("token"), 0, &token) != SCANHOST_OK)
    return scanhost_failed(error, "there is no token");
  if (token_begins("refuse")) return scanhost_bad_option(error, "token", with_token("it refuses"));
  if (token_begins("fail")) return scanhost_failed(error, with_token("it cannot use"));
  labels[0] = label;
  labels[0].value = token;
  metrics->record(host,
                  metrics->series(host, SCANHOST_METRIC_GAUGE, scanhost_text("repeats_secret_seen"),
                                  scanhost_text(with_token("Seen")), labels, 1, NULL, 0),
                  1);
  log_token(SCANHOST_LOG_ERROR);
  return SCANHOST_OK;
}

static void destroy(void* self) { (void)self; }

static void scan(void* self, scanhost_scan* scan, const scanhost_partition* partition) {
  (void)self;
  (void)partition;
  for (int32_t level = SCANHOST_LOG_TRACE; level <= SCANHOST_LOG_ERROR; ++level) log_token(level);
  for (int i = 0; i < 3; ++i) failures->failure(lent, scan, token, scanhost_text(with_token("no use of")));
  if (token_begins("crash")) raise(SIGSEGV);
  lent->fail(lent, scan, scanhost_text(with_token("it failed with")));
}

static const scanhost_family family = {
    sizeof(scanhost_family), 4, SCANHOST_TEXT("shard"), SCANHOST_TEXT("{s:*}"), {0, 0}, {0, 0}, 0, 0, {0, 0}};
static const scanhost_option option = {.struct_size = sizeof option,
                                       .type = SCANHOST_OPTION_TEXT,
                                       .name = SCANHOST_TEXT("token"),
                                       .help = SCANHOST_TEXT("nobody may see it"),
                                       .flags = SCANHOST_OPTION_SECRET | SCANHOST_OPTION_REQUIRED};
static const scanhost_plugin plugin = {SCANHOST_PLUGIN_HEAD,
                                       .name = SCANHOST_TEXT("repeats_secret"),
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
