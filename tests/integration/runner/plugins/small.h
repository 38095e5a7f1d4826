/* SPDX-License-Identifier: Apache-2.0
 *
 * The descriptor of a small test plugin in C: `small_create`, `small_destroy` and `small_scan` are the
 * plugin's own, likewise what SMALL_BEGIN_CYCLE, SMALL_END_CYCLE, SMALL_DROPPED and SMALL_EXTENSION point to.
 */
#ifndef SCANHOST_TEST_SMALL_H
#define SCANHOST_TEST_SMALL_H

#include <scanhost/scanhost.h>
#include <string.h>

#ifndef SMALL_FLAGS
#define SMALL_FLAGS 0
#endif
#ifndef SMALL_BEGIN_CYCLE
#define SMALL_BEGIN_CYCLE 0
#endif

#ifndef SMALL_END_CYCLE
#define SMALL_END_CYCLE 0
#endif

#ifndef SMALL_DROPPED
#define SMALL_DROPPED 0
#endif

#ifndef SMALL_EXTENSION
#define SMALL_EXTENSION 0
#endif

#define TEXT(literal) \
  { literal, sizeof(literal) - 1 }

static inline scanhost_string text_of(const char* text) {
  scanhost_string result;
  result.data = text;
  result.size = strlen(text);
  return result;
}

static scanhost_status small_create(const scanhost_host* host, void** self, scanhost_error* error);
static void small_destroy(void* self);
static void small_scan(void* self, scanhost_scan* scan, const scanhost_partition* partition);

static inline void say(scanhost_error* error, const char* message) {
  error->size = strlen(message);
  memcpy(error->buffer, message, error->size);
}

static inline scanhost_result handled(uint64_t processed) {
  scanhost_result result;
  memset(&result, 0, sizeof result);
  result.struct_size = sizeof result;
  result.processed = processed;
  return result;
}

static const scanhost_family small_families[] = {
    {sizeof(scanhost_family), 4, TEXT("shard"), TEXT("{s:*}"), {0, 0}, {0, 0}, 0, 0, {0, 0}}};

static const scanhost_option small_options[] = {{sizeof(scanhost_option),
                                                 SCANHOST_OPTION_TEXT,
                                                 TEXT("file"),
                                                 TEXT("a file that tells the plugin to change its ways"),
                                                 {0, 0},
                                                 0,
                                                 0,
                                                 0,
                                                 0,
                                                 0,
                                                 0,
                                                 0,
                                                 0,
                                                 0,
                                                 0}};

#define SMALL_PLUGIN(plugin_name)                                            \
  static const scanhost_plugin small_plugin = {SCANHOST_MAGIC,               \
                                               sizeof(scanhost_plugin),      \
                                               SCANHOST_ABI_MAJOR,           \
                                               0,                            \
                                               SCANHOST_ABI_MINOR,           \
                                               0,                            \
                                               SMALL_FLAGS,                  \
                                               TEXT(SCANHOST_SDK_VERSION),   \
                                               TEXT(plugin_name),            \
                                               TEXT("1.0"),                  \
                                               TEXT("a test plugin"),        \
                                               TEXT("the scanhost authors"), \
                                               TEXT("Apache-2.0"),           \
                                               small_families,               \
                                               1,                            \
                                               sizeof(scanhost_family),      \
                                               100,                          \
                                               10,                           \
                                               0,                            \
                                               small_options,                \
                                               1,                            \
                                               sizeof(scanhost_option),      \
                                               0,                            \
                                               0,                            \
                                               {0, 0},                       \
                                               0,                            \
                                               0,                            \
                                               0,                            \
                                               0,                            \
                                               {0, 0},                       \
                                               {0, 0},                       \
                                               &small_create,                \
                                               &small_destroy,               \
                                               &small_scan,                  \
                                               SMALL_BEGIN_CYCLE,            \
                                               SMALL_END_CYCLE,              \
                                               SMALL_DROPPED,                \
                                               SMALL_EXTENSION};             \
  const scanhost_plugin* scanhost_plugin_entry(void) { return &small_plugin; }

#endif
