/* SPDX-License-Identifier: Apache-2.0
 *
 * A plugin of ABI 1.0, built from the frozen copy of its headers, with a required option: the names of queues. It
 * does not work without one, and must go on being listed, described and verified without it; it refuses a
 * queue with a blank. Each scan asks for the length of each queue. Nothing here is ever changed.
 */
#include <scanhost/scanhost.h>
#include <scanhost/ext/blocking.h>
#include <string.h>

#define TEXT(literal) {literal, sizeof literal - 1}

static const scanhost_host *host;
static const scanhost_blocking *blocking;
static const scanhost_string queues = TEXT("queues");

static void scan(void *self, scanhost_scan *handle, const scanhost_partition *partition) {
  scanhost_string args[2] = {TEXT("LLEN"), {NULL, 0}};
  scanhost_result result;
  size_t i;
  (void)self;
  (void)partition;
  memset(&result, 0, sizeof result);
  result.struct_size = sizeof result;
  if (blocking->next_page(host, handle, 0, 0) > 0)
    for (i = 0; i < host->option_count(host, queues); ++i) {
      const scanhost_replies *replies;
      scanhost_command command;
      memset(&command, 0, sizeof command);
      command.struct_size = sizeof command;
      command.args = args;
      command.arg_count = 2;
      if (host->option_text(host, queues, i, &args[1]) != SCANHOST_OK) continue;
      replies = blocking->execute(host, handle, &command, 1, sizeof command);
      if (replies != NULL && replies->outcomes->kind == SCANHOST_OUTCOME_REPLY)
        ++result.processed;
      else
        ++result.errors;
      host->replies_release(host, handle, replies);
    }
  result.unchanged = result.processed;
  host->finish(host, handle, &result);
}

static scanhost_status create(const scanhost_host *lent, void **self, scanhost_error *error) {
  static const char blank[] = "expected names without a blank";
  static const scanhost_string id = TEXT(SCANHOST_EXT_BLOCKING);
  size_t i;
  host = lent;
  *self = &host;
  blocking = lent->get_extension(lent, id);
  if (blocking == NULL || lent->option_count(lent, queues) == 0) return SCANHOST_FAILED;
  for (i = 0; i < lent->option_count(lent, queues); ++i) {
    scanhost_string queue;
    if (lent->option_text(lent, queues, i, &queue) != SCANHOST_OK) return SCANHOST_FAILED;
    if (memchr(queue.data, ' ', queue.size) == NULL) continue;
    error->size = sizeof blank - 1 < error->capacity ? sizeof blank - 1 : error->capacity;
    memcpy(error->buffer, blank, error->size);
    error->option = queues;
    return SCANHOST_BAD_OPTIONS;
  }
  return SCANHOST_OK;
}

static void destroy(void *self) { (void)self; }

const scanhost_plugin *scanhost_plugin_entry(void) {
  static const scanhost_family family = {.struct_size = sizeof(scanhost_family), .name = TEXT("single")};
  static const scanhost_option option = {.struct_size = sizeof(scanhost_option), .type = SCANHOST_OPTION_TEXT_LIST,
                                         .name = TEXT("queues"), .help = TEXT("the queues to look at"),
                                         .minimum = 1,
                                         .flags = SCANHOST_OPTION_REQUIRED | SCANHOST_OPTION_HAS_MINIMUM};
  static const scanhost_string extensions[] = {TEXT(SCANHOST_EXT_BLOCKING)};
  static scanhost_plugin plugin;
  const scanhost_string sdk = TEXT(SCANHOST_SDK_VERSION), name = TEXT("golden_required"), version = TEXT("1.0.0"),
                        summary = TEXT("asks for the length of the queues that its option names");
  plugin.magic = SCANHOST_MAGIC;
  plugin.struct_size = sizeof plugin;
  plugin.abi_major = SCANHOST_ABI_MAJOR;
  plugin.abi_minor_built = SCANHOST_ABI_MINOR;
  plugin.flags = SCANHOST_PLUGIN_SERIAL;
  plugin.sdk_version = sdk;
  plugin.name = name;
  plugin.version = version;
  plugin.summary = summary;
  plugin.families = &family;
  plugin.family_count = 1;
  plugin.family_stride = sizeof family;
  plugin.default_interval_ms = 1000;
  plugin.default_page_size = 10;
  plugin.options = &option;
  plugin.option_count = 1;
  plugin.option_stride = sizeof option;
  plugin.required_extensions = extensions;
  plugin.required_extension_count = 1;
  plugin.create = create;
  plugin.destroy = destroy;
  plugin.scan = scan;
  return &plugin;
}
