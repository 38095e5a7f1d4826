/* SPDX-License-Identifier: Apache-2.0
 *
 * A plugin of ABI 1.0, built from the frozen copy of its headers, that waits outside the store: for a wake from
 * a thread of its own, which is joined in `destroy`, and for a descriptor that the thread writes to. It
 * processes one for each that came. Nothing here is ever changed.
 */
#include <pthread.h>
#include <scanhost/scanhost.h>
#include <scanhost/ext/waiting.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TEXT(literal) {literal, sizeof literal - 1}

struct waiter {
  const scanhost_host *host;
  const scanhost_waiting *waiting;
  scanhost_scan *scan;
  scanhost_result result;
  uint64_t token;
  int ends[2];
  int started;
  pthread_t thread;
};

static const uint64_t hour_ms = 3600000;

static void *work(void *raw) {
  struct waiter *waiter = raw;
  waiter->waiting->wake(waiter->host, waiter->token);
  if (write(waiter->ends[1], "x", 1) != 1) close(waiter->ends[1]);
  return NULL;
}

static void end(struct waiter *waiter) { waiter->host->finish(waiter->host, waiter->scan, &waiter->result); }

static void on_readable(void *user, uint32_t events) {
  struct waiter *waiter = user;
  if (events == SCANHOST_READY_READ) ++waiter->result.processed;
  end(waiter);
}

static void on_woken(void *user, uint32_t events) {
  struct waiter *waiter = user;
  if (events == SCANHOST_READY_WOKEN) ++waiter->result.processed;
  if (waiter->waiting->when_ready(waiter->host, waiter->scan, waiter->ends[0], SCANHOST_READY_READ, hour_ms, on_readable,
                                  waiter) != SCANHOST_OK)
    end(waiter);
}

static void scan(void *self, scanhost_scan *handle, const scanhost_partition *partition) {
  struct waiter *waiter = self;
  (void)partition;
  waiter->scan = handle;
  waiter->token = waiter->waiting->wake_token(waiter->host, handle);
  waiter->started = pipe(waiter->ends) == 0 && pthread_create(&waiter->thread, NULL, work, waiter) == 0;
  if (!waiter->started ||
      waiter->waiting->wait(waiter->host, handle, waiter->token, hour_ms, on_woken, waiter) != SCANHOST_OK)
    end(waiter);
}

static scanhost_status create(const scanhost_host *host, void **self, scanhost_error *error) {
  static const scanhost_string id = TEXT(SCANHOST_EXT_WAITING);
  struct waiter *waiter = calloc(1, sizeof *waiter);
  (void)error;
  waiter->host = host;
  waiter->waiting = host->get_extension(host, id);
  waiter->result.struct_size = sizeof waiter->result;
  *self = waiter;
  return waiter->waiting == NULL ? SCANHOST_FAILED : SCANHOST_OK;
}

static void destroy(void *self) {
  struct waiter *waiter = self;
  if (waiter->started) pthread_join(waiter->thread, NULL);
  free(waiter);
}

const scanhost_plugin *scanhost_plugin_entry(void) {
  static const scanhost_family family = {.struct_size = sizeof(scanhost_family), .default_count = 1,
                                         .name = TEXT("golden"), .tag_pattern = TEXT("{golden:*}")};
  static const scanhost_string extensions[] = {TEXT(SCANHOST_EXT_WAITING)};
  static scanhost_plugin plugin;
  const scanhost_string sdk = TEXT(SCANHOST_SDK_VERSION), name = TEXT("golden_wake"), version = TEXT("1.0.0"),
                        summary = TEXT("waits for a thread and a descriptor, and proves that 1.0 still works");
  plugin.magic = SCANHOST_MAGIC;
  plugin.struct_size = sizeof plugin;
  plugin.abi_major = SCANHOST_ABI_MAJOR;
  plugin.abi_minor_built = SCANHOST_ABI_MINOR;
  plugin.sdk_version = sdk;
  plugin.name = name;
  plugin.version = version;
  plugin.summary = summary;
  plugin.families = &family;
  plugin.family_count = 1;
  plugin.family_stride = sizeof family;
  plugin.default_interval_ms = 1000;
  plugin.default_page_size = 10;
  plugin.required_extensions = extensions;
  plugin.required_extension_count = 1;
  plugin.create = create;
  plugin.destroy = destroy;
  plugin.scan = scan;
  return &plugin;
}
