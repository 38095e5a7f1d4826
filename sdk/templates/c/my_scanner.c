/* my_scanner: what it finds, what it does about it, and what it leaves alone.
 *
 * As it stands: the sorted set due:{shard:N} holds items, scored with the moment they come due in
 * milliseconds. Those that are due are taken out, and counted in done:{shard:N}. Put your own index and your
 * own call in their place. */
#include <inttypes.h>
#include <scanhost/helpers.h>
#include <stdio.h>

enum { max_items = 64, arguments = 5 }; /* candidates of a page; what one call has */

/* A guarded write: looks again, and acts, in one step. The item may have changed since it was found. */
static const char take_out_text[] =
    "local due = redis.call('ZSCORE', KEYS[1], ARGV[1]) if not due or tonumber(due) > tonumber(ARGV[2]) then return 0 end redis.call('ZREM', KEYS[1], ARGV[1]) return redis.call('INCR', KEYS[2])";

static const scanhost_host* host; /* each scanner has its own copy of the library, so of these */
static const scanhost_blocking* blocking;
static const scanhost_failures* failures;
static const scanhost_script* take_out; /* sent by its name; with its text where the server lacks it */
static int64_t grace_ms;

/* Where a scan is: its keys, and how far it came. */
typedef struct {
  scanhost_scan* scan;
  scanhost_result found;
  char index[96], counter[96], limit[32];
  uint64_t staying; /* skipped and failed ones stay at the front of the index: page past them */
} walk;

/* Sends one call for each item, and counts what became of them. How many were sent. */
static uint32_t act(walk* at, const scanhost_reply* items) {
  scanhost_string args[max_items][arguments];
  scanhost_command calls[max_items];
  uint32_t sent = 0, i;
  for (i = 0; i < items->element_count && i < max_items; ++i) {
    const scanhost_string item = items->elements[i].text;
    const scanhost_string call[arguments] = {SCANHOST_TEXT("2"), scanhost_text(at->index),
                                             scanhost_text(at->counter), item, scanhost_text(at->limit)};
    if (failures->should_skip(host, at->scan, item)) {
      ++at->found.skipped, ++at->staying;
      continue;
    }
    memcpy(args[sent], call, sizeof call);
    calls[sent] = scanhost_command_of(args[sent], arguments);
    calls[sent].script = take_out;
    calls[sent].flags = SCANHOST_COMMAND_ACTS;
    calls[sent++].item = item;
  }
  if (sent == 0) return 0;
  const scanhost_replies* replies = blocking->execute(host, at->scan, calls, sent, sizeof calls[0]);
  for (i = 0; i < sent; ++i) {
    const scanhost_reply* reply = scanhost_reply_of(replies, i);
    if (reply == NULL) {
      ++at->found.errors, ++at->staying;
      failures->failure(host, at->scan, calls[i].item, scanhost_text("its call failed"));
      continue;
    }
    failures->success(host, at->scan, calls[i].item);
    ++at->found.processed;
    if (reply->integer == 0) ++at->found.unchanged;
  }
  host->replies_release(host, at->scan, replies);
  return sent;
}

/* One page of candidates. 0: there are no more. */
static int take_page(walk* at, uint32_t allowance, uint32_t* acted) {
  char staying[32], count[32];
  int more = 0;
  snprintf(at->limit, sizeof at->limit, "%" PRId64, host->now_ms(host, at->scan) - grace_ms);
  snprintf(staying, sizeof staying, "%" PRIu64, at->staying);
  snprintf(count, sizeof count, "%" PRIu32, allowance < max_items ? allowance : (uint32_t)max_items);
  const scanhost_string args[] = {SCANHOST_TEXT("ZRANGEBYSCORE"),
                                  scanhost_text(at->index),
                                  SCANHOST_TEXT("-inf"),
                                  scanhost_text(at->limit),
                                  SCANHOST_TEXT("LIMIT"),
                                  scanhost_text(staying),
                                  scanhost_text(count)};
  const scanhost_command page = scanhost_command_of(args, sizeof args / sizeof args[0]);
  const scanhost_replies* replies = blocking->execute(host, at->scan, &page, 1, sizeof page);
  const scanhost_reply* items = scanhost_reply_of(replies, 0);
  if (items == NULL) ++at->found.errors;
  if (items != NULL && items->element_count > 0) {
    *acted = act(at, items);
    more = 1;
  }
  host->replies_release(host, at->scan, replies);
  return more;
}

static void scan(void* self, scanhost_scan* handle, const scanhost_partition* where) {
  walk at = {.scan = handle, .found = {.struct_size = sizeof at.found}};
  uint32_t acted = 0, allowance;
  (void)self;
  snprintf(at.index, sizeof at.index, "due:%.*s", (int)where->tag.size, where->tag.data);
  snprintf(at.counter, sizeof at.counter, "done:%.*s", (int)where->tag.size, where->tag.data);
  while ((allowance = blocking->next_page(host, handle, 0, acted)) > 0)
    if (!take_page(&at, allowance, &acted)) break;
  host->finish(host, handle, &at.found);
}

static scanhost_status create(const scanhost_host* lent, void** self, scanhost_error* error) {
  host = lent;
  *self = &grace_ms; /* an instance of its own would stand here */
  blocking = lent->get_extension(lent, scanhost_text(SCANHOST_EXT_BLOCKING));
  failures = lent->get_extension(lent, scanhost_text(SCANHOST_EXT_FAILURES));
  if (blocking == NULL || failures == NULL)
    return scanhost_failed(error, "my_scanner needs " SCANHOST_EXT_BLOCKING " and " SCANHOST_EXT_FAILURES);
  take_out = lent->script(lent, scanhost_text(take_out_text));
  return lent->option_integer(lent, scanhost_text("grace"), &grace_ms);
}

static void destroy(void* self) { (void)self; }

static const scanhost_family shards = {.struct_size = sizeof shards,
                                       .default_count = 8,
                                       .name = SCANHOST_TEXT("shard"),
                                       .tag_pattern = SCANHOST_TEXT("{shard:*}")};
static const scanhost_option grace = {.struct_size = sizeof grace,
                                      .type = SCANHOST_OPTION_DURATION,
                                      .name = SCANHOST_TEXT("grace"),
                                      .help = SCANHOST_TEXT("how long an item stays after it came due"),
                                      .default_value = SCANHOST_TEXT("0ms")};
static const scanhost_plugin plugin = {SCANHOST_PLUGIN_HEAD,
                                       .flags = SCANHOST_PLUGIN_SERIAL,
                                       .name = SCANHOST_TEXT("my_scanner"),
                                       .version = SCANHOST_TEXT("0.1.0"),
                                       .summary = SCANHOST_TEXT("Takes items out of due:{shard:N} in time"),
                                       .families = &shards,
                                       .family_count = 1,
                                       .family_stride = sizeof shards,
                                       .default_interval_ms = 1000,
                                       .default_page_size = max_items,
                                       .options = &grace,
                                       .option_count = 1,
                                       .option_stride = sizeof grace,
                                       .create = create,
                                       .destroy = destroy,
                                       .scan = scan};

const scanhost_plugin* scanhost_plugin_entry(void) { return &plugin; }
