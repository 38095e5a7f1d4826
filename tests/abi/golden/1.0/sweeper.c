/* SPDX-License-Identifier: Apache-2.0
 *
 * A plugin of ABI 1.0, built from the frozen copy of its headers. It has five options, sends three
 * commands in a batch, pages, acts, and guards a write. It must go on loading and working in every host of
 * major 1; nothing here is ever changed.
 */
#include <scanhost/scanhost.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct sweeper {
  const scanhost_host *host;
  const scanhost_failures *failures;
  scanhost_string prefix;
  scanhost_string first_kind;
  int64_t limit;
  int64_t grace_ms;
  int64_t dry;
};

/* One scan in flight. */
struct visit {
  struct sweeper *sweeper;
  scanhost_scan *scan;
  scanhost_result result;
  uint32_t allowance;
  uint32_t acted;
  char key[128];
  size_t candidates;
  scanhost_string items[16];
  const scanhost_replies *page; /* keeps the items' bytes */
};

static const char guard[] =
    "local score = redis.call('ZSCORE', KEYS[1], ARGV[1]) "
    "if not score or tonumber(score) > tonumber(ARGV[2]) then return 0 end "
    "return redis.call('ZREM', KEYS[1], ARGV[1])";

static void ask(struct visit *visit);

static scanhost_string text(const char *from) {
  scanhost_string made;
  made.data = from;
  made.size = strlen(from);
  return made;
}

static void end(struct visit *visit) {
  visit->sweeper->host->finish(visit->sweeper->host, visit->scan, &visit->result);
  free(visit);
}

static const scanhost_outcome *outcome(const scanhost_replies *replies, size_t index) {
  return (const scanhost_outcome *)(const void *)((const char *)replies->outcomes + index * replies->outcome_stride);
}

static void on_acted(void *user, const scanhost_replies *replies) {
  struct visit *visit = user;
  size_t i;
  for (i = 0; i < replies->outcome_count; ++i) {
    const scanhost_outcome *one = outcome(replies, i);
    if (one->kind != SCANHOST_OUTCOME_REPLY) {
      ++visit->result.errors;
      visit->sweeper->failures->failure(visit->sweeper->host, visit->scan, visit->items[i], one->message);
      continue;
    }
    ++visit->result.processed;
    if (one->reply->integer == 0) ++visit->result.unchanged;
    visit->sweeper->failures->success(visit->sweeper->host, visit->scan, visit->items[i]);
  }
  visit->acted = (uint32_t)replies->outcome_count;
  visit->sweeper->host->replies_release(visit->sweeper->host, visit->scan, replies);
  visit->sweeper->host->replies_release(visit->sweeper->host, visit->scan, visit->page);
  ask(visit);
}

static void act(struct visit *visit) {
  scanhost_command commands[16];
  scanhost_string args[16][6];
  char now[32];
  size_t i;
  sprintf(now, "%lld", (long long)visit->sweeper->host->now_ms(visit->sweeper->host, visit->scan));
  memset(commands, 0, sizeof commands);
  for (i = 0; i < visit->candidates; ++i) {
    args[i][0] = text("EVAL");
    args[i][1] = text(guard);
    args[i][2] = text("1");
    args[i][3] = text(visit->key);
    args[i][4] = visit->items[i];
    args[i][5] = text(now);
    commands[i].struct_size = sizeof commands[i];
    commands[i].flags = SCANHOST_COMMAND_ACTS;
    commands[i].args = args[i];
    commands[i].arg_count = 6;
    commands[i].item = visit->items[i];
    commands[i].due_ms = 1000 + (int64_t)i;
  }
  if (visit->sweeper->host->execute(visit->sweeper->host, visit->scan, commands, visit->candidates,
                                    sizeof commands[0], on_acted, visit) != SCANHOST_OK)
    end(visit);
}

static void on_page(void *user, const scanhost_replies *replies) {
  struct visit *visit = user;
  const scanhost_outcome *page = outcome(replies, 0);
  const scanhost_outcome *depth = outcome(replies, 1);
  size_t i;
  visit->candidates = 0;
  visit->page = replies;
  if (page->kind != SCANHOST_OUTCOME_REPLY) {
    ++visit->result.errors;
    end(visit);
    return;
  }
  if (depth->kind == SCANHOST_OUTCOME_REPLY) {
    visit->result.flags |= SCANHOST_RESULT_BACKLOG;
    visit->result.backlog = (uint64_t)depth->reply->integer;
  }
  for (i = 0; i < page->reply->element_count && visit->candidates < 16; ++i) {
    const scanhost_string item = page->reply->elements[i].text;
    if (visit->sweeper->failures->should_skip(visit->sweeper->host, visit->scan, item))
      ++visit->result.skipped;
    else
      visit->items[visit->candidates++] = item;
  }
  if (visit->candidates == 0 || visit->sweeper->dry)
    end(visit);
  else
    act(visit);
}

static void on_turn(void *user, uint32_t allowance) {
  struct visit *visit = user;
  scanhost_command commands[3];
  scanhost_string page[7], depth[2], kind[3];
  char now[32], limit[32];
  if (allowance == 0) {
    end(visit);
    return;
  }
  sprintf(now, "%lld",
          (long long)(visit->sweeper->host->now_ms(visit->sweeper->host, visit->scan) - visit->sweeper->grace_ms));
  sprintf(limit, "%lld", (long long)(visit->sweeper->limit < allowance ? visit->sweeper->limit : allowance));
  page[0] = text("ZRANGEBYSCORE");
  page[1] = text(visit->key);
  page[2] = text("-inf");
  page[3] = text(now);
  page[4] = text("LIMIT");
  page[5] = text("0");
  page[6] = text(limit);
  depth[0] = text("ZCARD");
  depth[1] = text(visit->key);
  kind[0] = text("HGET");
  kind[1] = text("kinds");
  kind[2] = visit->sweeper->first_kind;
  memset(commands, 0, sizeof commands);
  commands[0].struct_size = commands[1].struct_size = commands[2].struct_size = sizeof commands[0];
  commands[0].args = page;
  commands[0].arg_count = 7;
  commands[1].args = depth;
  commands[1].arg_count = 2;
  commands[2].args = kind;
  commands[2].arg_count = 3;
  commands[2].route = text("{elsewhere}");
  if (visit->sweeper->host->execute(visit->sweeper->host, visit->scan, commands, 3, sizeof commands[0], on_page,
                                    visit) != SCANHOST_OK)
    end(visit);
}

static void ask(struct visit *visit) {
  if (visit->sweeper->host->next_page(visit->sweeper->host, visit->scan, 0, visit->acted, on_turn, visit) !=
      SCANHOST_OK)
    end(visit);
}

static void scan(void *self, scanhost_scan *handle, const scanhost_partition *partition) {
  struct visit *visit = calloc(1, sizeof *visit);
  visit->sweeper = self;
  visit->scan = handle;
  visit->result.struct_size = sizeof visit->result;
  sprintf(visit->key, "%.*s:%.*s:due", (int)visit->sweeper->prefix.size, visit->sweeper->prefix.data,
          (int)partition->tag.size, partition->tag.data);
  ask(visit);
}

static scanhost_status create(const scanhost_host *host, void **self, scanhost_error *error) {
  static const char missing[] = "sweeper: the host does not offer what 1.0 offered";
  struct sweeper *made = calloc(1, sizeof *made);
  made->host = host;
  made->failures = host->get_extension(host, text(SCANHOST_EXT_FAILURES));
  if (made->failures == NULL || host->struct_size < sizeof(scanhost_host) ||
      host->option_text(host, text("prefix"), 0, &made->prefix) != SCANHOST_OK ||
      host->option_integer(host, text("limit"), &made->limit) != SCANHOST_OK ||
      host->option_integer(host, text("grace"), &made->grace_ms) != SCANHOST_OK ||
      host->option_integer(host, text("dry"), &made->dry) != SCANHOST_OK ||
      host->option_count(host, text("kinds")) < 1 ||
      host->option_text(host, text("kinds"), 0, &made->first_kind) != SCANHOST_OK) {
    error->size = sizeof missing - 1 < error->capacity ? sizeof missing - 1 : error->capacity;
    memcpy(error->buffer, missing, error->size);
    free(made);
    return SCANHOST_FAILED;
  }
  *self = made;
  return SCANHOST_OK;
}

static void destroy(void *self) { free(self); }

#define TEXT(literal) {literal, sizeof literal - 1}

const scanhost_plugin *scanhost_plugin_entry(void) {
  static const scanhost_string kinds[] = {TEXT("a"), TEXT("b")};
  static const scanhost_option options[] = {
      {.struct_size = sizeof(scanhost_option), .type = SCANHOST_OPTION_TEXT, .name = TEXT("prefix"),
       .help = TEXT("of keys"), .default_value = TEXT("golden"), .minimum = 1, .maximum = 40,
       .flags = SCANHOST_OPTION_HAS_MINIMUM | SCANHOST_OPTION_HAS_MAXIMUM},
      {.struct_size = sizeof(scanhost_option), .type = SCANHOST_OPTION_INTEGER, .name = TEXT("limit"),
       .help = TEXT("of a page"), .default_value = TEXT("16"), .minimum = 1, .maximum = 16,
       .flags = SCANHOST_OPTION_HAS_MINIMUM | SCANHOST_OPTION_HAS_MAXIMUM},
      {.struct_size = sizeof(scanhost_option), .type = SCANHOST_OPTION_DURATION, .name = TEXT("grace"),
       .help = TEXT("to wait"), .default_value = TEXT("2s")},
      {.struct_size = sizeof(scanhost_option), .type = SCANHOST_OPTION_FLAG, .name = TEXT("dry"),
       .help = TEXT("only look"), .default_value = TEXT("false")},
      {.struct_size = sizeof(scanhost_option), .type = SCANHOST_OPTION_TEXT_LIST, .name = TEXT("kinds"),
       .help = TEXT("known"), .minimum = 1, .maximum = 8, .default_values = kinds, .default_value_count = 2,
       .flags = SCANHOST_OPTION_HAS_MINIMUM | SCANHOST_OPTION_HAS_MAXIMUM}};
  static const scanhost_family family = {.struct_size = sizeof(scanhost_family), .default_count = 4,
                                         .name = TEXT("golden"), .tag_pattern = TEXT("{golden:*}")};
  static const scanhost_string extensions[] = {TEXT(SCANHOST_EXT_FAILURES)};
  static scanhost_plugin plugin;
  const scanhost_string sdk = TEXT(SCANHOST_SDK_VERSION), name = TEXT("golden_sweeper"), version = TEXT("1.0.0"),
                        summary = TEXT("removes what came due, and proves that 1.0 still works");
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
  plugin.options = options;
  plugin.option_count = 5;
  plugin.option_stride = sizeof options[0];
  plugin.required_extensions = extensions;
  plugin.required_extension_count = 1;
  plugin.create = create;
  plugin.destroy = destroy;
  plugin.scan = scan;
  return &plugin;
}
