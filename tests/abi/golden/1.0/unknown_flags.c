/* SPDX-License-Identifier: Apache-2.0
 *
 * A plugin of ABI 1.0, built from the frozen copy of its headers, that sets a flag which no host of 1.0 knows. A
 * host has to refuse it at load (in DESCRIPTOR, FAMILY or OPTION), or the command (in COMMAND): then the scan
 * processes one, after it has logged the reason. Nothing here is ever changed.
 */
#include <scanhost/scanhost.h>
#include <string.h>

#define TEXT(literal) {literal, sizeof literal - 1}
#define UNKNOWN (1u << 31)

static const scanhost_host *host;

static void on_replies(void *user, const scanhost_replies *replies) {
  (void)user;
  (void)replies;
}

static void scan(void *self, scanhost_scan *handle, const scanhost_partition *partition) {
  static const scanhost_string args[] = {TEXT("GET"), TEXT("golden")};
  scanhost_result result;
  scanhost_command command;
  (void)self;
  (void)partition;
  memset(&result, 0, sizeof result);
  result.struct_size = sizeof result;
  memset(&command, 0, sizeof command);
  command.struct_size = sizeof command;
  command.flags = UNKNOWN;
  command.args = args;
  command.arg_count = 2;
  if (host->execute(host, handle, &command, 1, sizeof command, on_replies, NULL) != SCANHOST_INVALID) return;
  host->log(host, SCANHOST_LOG_WARN, host->invalid_reason(host), NULL, 0);
  result.processed = 1;
  host->finish(host, handle, &result);
}

static scanhost_status create(const scanhost_host *lent, void **self, scanhost_error *error) {
  (void)error;
  host = lent;
  *self = &host;
  return SCANHOST_OK;
}

static void destroy(void *self) { (void)self; }

const scanhost_plugin *scanhost_plugin_entry(void) {
  static scanhost_family family = {.struct_size = sizeof(scanhost_family), .default_count = 1,
                                   .name = TEXT("golden"), .tag_pattern = TEXT("{golden:*}")};
  static scanhost_option option = {.struct_size = sizeof(scanhost_option), .type = SCANHOST_OPTION_TEXT,
                                   .name = TEXT("key"), .help = TEXT("a key")};
  static scanhost_plugin plugin;
  const scanhost_string sdk = TEXT(SCANHOST_SDK_VERSION), name = TEXT("golden_unknown_flags"),
                        version = TEXT("1.0.0"), summary = TEXT("sets a flag that 1.0 does not know");
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
  plugin.options = &option;
  plugin.option_count = 1;
  plugin.option_stride = sizeof option;
  plugin.create = create;
  plugin.destroy = destroy;
  plugin.scan = scan;
#if defined(IN_DESCRIPTOR)
  plugin.flags = UNKNOWN;
#elif defined(IN_FAMILY)
  family.flags = UNKNOWN;
#elif defined(IN_OPTION)
  option.flags = UNKNOWN;
#endif
  return &plugin;
}
