/* SPDX-License-Identifier: Apache-2.0
 *
 * A plugin whose structs are not as long as the host's headers say. GROWN: of a later minor, with fields
 * appended to all that it hands over (it needs minor 0 and uses a later service only where there is one).
 * Otherwise: it hands over shorter structs, with what it leaves out filled with rubbish that a host must
 * not read.
 */
#include <scanhost/scanhost.h>
#include <string.h>

#define RUBBISH 0x5a

#ifdef GROWN
#define GROWS_BY 24
#define SIZE_OF(type, last) ((uint32_t)(sizeof(type) + GROWS_BY))
#else
#define GROWS_BY 0
#define SIZE_OF(type, last) ((uint32_t)offsetof(type, last))
#endif

#define LONGER(type)            \
  struct {                      \
    type known;                 \
    char later[GROWS_BY + 8];   \
  }

typedef LONGER(scanhost_command) command;
typedef LONGER(scanhost_option) option;
typedef LONGER(scanhost_result) result;

static const scanhost_host *host;
static scanhost_scan *current;
static uint64_t got;

static scanhost_string text(const char *from) {
  scanhost_string made;
  made.data = from;
  made.size = strlen(from);
  return made;
}

static void on_replies(void *user, const scanhost_replies *replies) {
  result found;
  size_t i;
  (void)user;
  got = 0;
  for (i = 0; i < replies->outcome_count; ++i) {
    const char *at = (const char *)replies->outcomes + i * replies->outcome_stride;
    got += (uint64_t)((const scanhost_outcome *)(const void *)at)->reply->integer;
  }
  memset(&found, RUBBISH, sizeof found);
  found.known.struct_size = SIZE_OF(scanhost_result, backlog);
  found.known.flags = 0;
  found.known.processed = got;
  found.known.unchanged = found.known.errors = found.known.skipped = 0;
  found.known.next_due_ms = found.known.oldest_due_ms = 0;
  host->finish(host, current, &found.known);
}

static void scan(void *self, scanhost_scan *handle, const scanhost_partition *partition) {
  static scanhost_string args[3][2];
  command commands[3];
  int i;
  (void)self;
  (void)partition;
  current = handle;
  memset(commands, RUBBISH, sizeof commands);
  for (i = 0; i < 3; ++i) {
    args[i][0] = text("GET");
    args[i][1] = text(i == 0 ? "a" : i == 1 ? "b" : "c");
    commands[i].known.struct_size = SIZE_OF(scanhost_command, due_ms);
    commands[i].known.flags = 0;
    commands[i].known.args = args[i];
    commands[i].known.arg_count = 2;
    commands[i].known.route = commands[i].known.item = text("");
#ifdef GROWN
    memset(&commands[i].known.due_ms, 0, sizeof(scanhost_command) - offsetof(scanhost_command, due_ms));
    commands[i].known.due_ms = 5;
#endif
  }
  (void)host->execute(host, handle, &commands[0].known, 3, sizeof commands[0], on_replies, NULL);
}

static scanhost_status create(const scanhost_host *lent, void **self, scanhost_error *error) {
  int64_t value = 0;
  (void)error;
  host = lent;
  *self = &host;
  /* A service of a later minor exists only where the table is long enough; 1.0 has none. */
  if (host->abi_minor == 0 && host->struct_size > sizeof(scanhost_host)) return SCANHOST_FAILED;
  return host->option_integer(host, text("fifth"), &value) == SCANHOST_OK && value == 5 ? SCANHOST_OK
                                                                                        : SCANHOST_FAILED;
}

static void destroy(void *self) { (void)self; }

const scanhost_plugin *scanhost_plugin_entry(void) {
  static const char *const names[] = {"first", "second", "third", "fourth", "fifth"};
  static option options[5];
  static LONGER(scanhost_family) family;
  static LONGER(scanhost_plugin) plugin;
  int i;
  memset(options, RUBBISH, sizeof options);
  for (i = 0; i < 5; ++i) {
    options[i].known.struct_size = SIZE_OF(scanhost_option, minimum);
    options[i].known.type = SCANHOST_OPTION_INTEGER;
    options[i].known.name = text(names[i]);
    options[i].known.help = text("a number");
    options[i].known.default_value = text("5");
#ifdef GROWN
    memset(&options[i].known.minimum, 0, sizeof(scanhost_option) - offsetof(scanhost_option, minimum));
#endif
  }
  memset(&family, RUBBISH, sizeof family);
  family.known.struct_size = SIZE_OF(scanhost_family, count_key);
  family.known.default_count = 2;
  family.known.name = text("other");
  family.known.tag_pattern = text("{other:*}");
#ifdef GROWN
  memset(&family.known.count_key, 0, sizeof(scanhost_family) - offsetof(scanhost_family, count_key));
#endif
  memset(&plugin.later, RUBBISH, sizeof plugin.later);
  plugin.known.magic = SCANHOST_MAGIC;
  plugin.known.abi_major = SCANHOST_ABI_MAJOR;
#ifdef GROWN
  plugin.known.abi_minor_built = SCANHOST_ABI_MINOR + 1;
#endif
  plugin.known.sdk_version = text("1.x");
  plugin.known.name = text("other_minor");
  plugin.known.version = text("1.0.0");
  plugin.known.summary = text("hands over structs of another length");
  plugin.known.families = &family.known;
  plugin.known.family_count = 1;
  plugin.known.family_stride = sizeof family;
  plugin.known.default_interval_ms = 1000;
  plugin.known.default_page_size = 10;
  plugin.known.options = &options[0].known;
  plugin.known.option_count = 5;
  plugin.known.option_stride = sizeof options[0];
  plugin.known.create = create;
  plugin.known.destroy = destroy;
  plugin.known.scan = scan;
#ifdef GROWN
  plugin.known.struct_size = sizeof plugin;
#else
  plugin.known.struct_size = (uint32_t)offsetof(scanhost_plugin, dropped);
  memset(&plugin.known.dropped, RUBBISH, sizeof plugin.known - offsetof(scanhost_plugin, dropped));
#endif
  return &plugin.known;
}
