/* SPDX-License-Identifier: Apache-2.0
 *
 * Removes sessions past their expiry. Finds them in the sorted sets `sessions:{shard:N}:by_expiry` (member:
 * session id, score: expiry in ms), deletes the hash `session:{shard:N}:<id>` and the entry. Leaves alone
 * a session that was renewed meanwhile: the script looks at the score again before it acts. */
#include <inttypes.h>
#include <scanhost/helpers.h>
#include <stdio.h>

enum { page = 64, max_words = 7 };

static const scanhost_host* host; /* one instance a library copy: the host loads a copy for each scanner */
static const scanhost_blocking* wait_for;
static const scanhost_script* remove_expired; /* sent by its name; with its text where the server lacks it */

static const char remove_expired_text[] =
    "local expiry = redis.call('ZSCORE', KEYS[1], ARGV[1]) if not expiry or tonumber(expiry) > tonumber(ARGV[2]) then return 0 end redis.call('DEL', KEYS[2]) return redis.call('ZREM', KEYS[1], ARGV[1])";

/* Where a scan looks, and the moment up to which a session has expired. */
typedef struct place {
  char prefix[80], index[96], now[32];
} place;

static scanhost_command removal(const place* at, scanhost_string id, char* key, scanhost_string* args) {
  const size_t length = strlen(at->prefix);
  memcpy(key, at->prefix, length);
  memcpy(key + length, id.data, id.size); /* ids are bytes, and may hold a zero */
  const scanhost_string values[] = {
      SCANHOST_TEXT("2"), scanhost_text(at->index), {key, length + id.size}, id, scanhost_text(at->now)};
  memcpy(args, values, sizeof values);
  scanhost_command command = scanhost_command_of(args, sizeof values / sizeof values[0]);
  command.script = remove_expired;
  command.flags = SCANHOST_COMMAND_ACTS;
  command.item = id;
  return command;
}

/* Sends one removal for each id, all in one batch; how many failed, and so stay. */
static uint64_t remove_page(scanhost_scan* scan, const place* at, const scanhost_reply* ids,
                            scanhost_result* result) {
  static char keys[page][512]; /* one scan at a time: the plugin is SERIAL */
  static scanhost_string args[page][max_words];
  scanhost_command commands[page];
  size_t sent = 0;
  for (size_t i = 0; i < ids->element_count && sent < page; ++i) {
    const scanhost_string id = ids->elements[i].text;
    if (strlen(at->prefix) + id.size > sizeof keys[0]) continue; /* none of ours: it stays, as an error */
    commands[sent] = removal(at, id, keys[sent], args[sent]);
    ++sent;
  }
  if (sent == 0) return ids->element_count;
  uint64_t removed = 0;
  const scanhost_replies* replies = wait_for->execute(host, scan, commands, sent, sizeof commands[0]);
  for (size_t i = 0; i < sent; ++i) {
    const scanhost_reply* reply = scanhost_reply_of(replies, i);
    if (reply == NULL) continue;
    ++removed;
    if (reply->integer == 0) ++result->unchanged; /* renewed, or gone, since it was found */
  }
  host->replies_release(host, scan, replies);
  result->processed += removed;
  return ids->element_count - removed;
}

static void scan(void* self, scanhost_scan* scan, const scanhost_partition* partition) {
  (void)self;
  scanhost_result result = {.struct_size = sizeof result};
  place at;
  snprintf(at.prefix, sizeof at.prefix, "session:%.*s:", (int)partition->tag.size, partition->tag.data);
  snprintf(at.index, sizeof at.index, "sessions:%.*s:by_expiry", (int)partition->tag.size,
           partition->tag.data);
  char offset[32], limit[32];
  uint32_t allowance, acted = 0;
  uint64_t staying = 0; /* failed ones stay at the front: page past them */
  while ((allowance = wait_for->next_page(host, scan, 0, acted)) > 0) {
    snprintf(at.now, sizeof at.now, "%" PRId64, host->now_ms(host, scan));
    snprintf(offset, sizeof offset, "%" PRIu64, staying);
    snprintf(limit, sizeof limit, "%" PRIu32, allowance < page ? allowance : page);
    const scanhost_string args[max_words] = {
        SCANHOST_TEXT("ZRANGEBYSCORE"), scanhost_text(at.index), SCANHOST_TEXT("-inf"), scanhost_text(at.now),
        SCANHOST_TEXT("LIMIT"),         scanhost_text(offset),   scanhost_text(limit)};
    const scanhost_command command = scanhost_command_of(args, max_words);
    const scanhost_replies* found = wait_for->execute(host, scan, &command, 1, sizeof command);
    const scanhost_reply* ids = scanhost_reply_of(found, 0);
    if (ids == NULL) ++result.errors;
    if (ids == NULL || ids->element_count == 0) break;
    acted = (uint32_t)ids->element_count;
    staying += remove_page(scan, &at, ids, &result);
    host->replies_release(host, scan, found);
  }
  result.errors += staying;
  host->finish(host, scan, &result);
}

static scanhost_status create(const scanhost_host* lent, void** self, scanhost_error* error) {
  host = lent;
  wait_for = lent->get_extension(lent, scanhost_text(SCANHOST_EXT_BLOCKING));
  if (wait_for == NULL) return scanhost_failed(error, "this host does not offer " SCANHOST_EXT_BLOCKING);
  remove_expired = lent->script(lent, scanhost_text(remove_expired_text));
  *self = &wait_for;
  return SCANHOST_OK;
}

static void destroy(void* self) { (void)self; }

static const scanhost_family shards = {.struct_size = sizeof shards,
                                       .default_count = 8,
                                       .name = SCANHOST_TEXT("shard"),
                                       .tag_pattern = SCANHOST_TEXT("{shard:*}")};
static const scanhost_plugin plugin = {SCANHOST_PLUGIN_HEAD,
                                       .flags = SCANHOST_PLUGIN_SERIAL,
                                       .name = SCANHOST_TEXT("session_janitor"),
                                       .version = SCANHOST_TEXT("1.0.0"),
                                       .summary = SCANHOST_TEXT("Removes sessions past their expiry"),
                                       .licence = SCANHOST_TEXT("Apache-2.0"),
                                       .families = &shards,
                                       .family_count = 1,
                                       .family_stride = sizeof shards,
                                       .default_interval_ms = 1000,
                                       .default_page_size = page,
                                       .create = create,
                                       .destroy = destroy,
                                       .scan = scan};

const scanhost_plugin* scanhost_plugin_entry(void) { return &plugin; }
