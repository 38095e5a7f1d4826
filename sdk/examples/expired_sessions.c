/* SPDX-License-Identifier: Apache-2.0
 *
 * Removes sessions past their expiry. Finds them in the sorted sets `sessions:{shard:N}:by_expiry` (member:
 * session id, score: expiry in ms), deletes the hash `session:{shard:N}:<id>` and the entry. Leaves alone
 * a session that was renewed meanwhile: the script looks at the score again before it acts. */
#include <inttypes.h>
#include <scanhost/helpers.h>
#include <stdio.h>

static const scanhost_host* host; /* one instance a library copy: the host loads a copy for each scanner */
static const scanhost_blocking* wait_for;

static const char remove_expired[] =
    "local expiry = redis.call('ZSCORE', KEYS[1], ARGV[1]) "
    "if not expiry or tonumber(expiry) > tonumber(ARGV[2]) then return 0 end "
    "redis.call('DEL', KEYS[2]) return redis.call('ZREM', KEYS[1], ARGV[1])";

/* 1: removed or renewed, 0: it failed and stays. */
static int act(scanhost_scan* scan, const char* tag, scanhost_string index, scanhost_string id,
               scanhost_string now, scanhost_result* result) {
  char key[512];
  const size_t prefix = (size_t)snprintf(key, sizeof key, "session:%s:", tag);
  if (prefix + id.size > sizeof key) return 0;
  memcpy(key + prefix, id.data, id.size); /* ids are bytes, and may hold a zero */
  const scanhost_string args[] = {SCANHOST_TEXT("EVAL"),
                                  scanhost_text(remove_expired),
                                  SCANHOST_TEXT("2"),
                                  index,
                                  {key, prefix + id.size},
                                  id,
                                  now};
  scanhost_command command = scanhost_command_of(args, 7);
  command.flags = SCANHOST_COMMAND_ACTS;
  command.item = id;
  const scanhost_replies* replies = wait_for->execute(host, scan, &command, 1, sizeof command);
  const scanhost_reply* removed = scanhost_reply_of(replies, 0);
  const int done = removed != NULL;
  if (done && removed->integer == 0) ++result->unchanged;
  host->replies_release(host, scan, replies);
  return done;
}

static void scan(void* self, scanhost_scan* scan, const scanhost_partition* partition) {
  (void)self;
  scanhost_result result = {.struct_size = sizeof result};
  char tag[64], index[96], now[32], offset[32], limit[32];
  snprintf(tag, sizeof tag, "%.*s", (int)partition->tag.size, partition->tag.data);
  snprintf(index, sizeof index, "sessions:%s:by_expiry", tag);
  uint32_t allowance, acted = 0;
  uint64_t stuck = 0; /* failed ones stay at the front: page past them */
  while ((allowance = wait_for->next_page(host, scan, 0, acted)) > 0) {
    snprintf(now, sizeof now, "%" PRId64, host->now_ms(host, scan));
    snprintf(offset, sizeof offset, "%" PRIu64, stuck);
    snprintf(limit, sizeof limit, "%" PRIu32, allowance);
    const scanhost_string args[] = {
        SCANHOST_TEXT("ZRANGEBYSCORE"), scanhost_text(index),  SCANHOST_TEXT("-inf"), scanhost_text(now),
        SCANHOST_TEXT("LIMIT"),         scanhost_text(offset), scanhost_text(limit)};
    const scanhost_command command = scanhost_command_of(args, 7);
    const scanhost_replies* page = wait_for->execute(host, scan, &command, 1, sizeof command);
    const scanhost_reply* ids = scanhost_reply_of(page, 0);
    if (ids == NULL) ++result.errors;
    if (ids == NULL || ids->element_count == 0) break;
    acted = (uint32_t)ids->element_count;
    for (size_t i = 0; i < ids->element_count && !host->cancelled(host, scan); ++i)
      if (act(scan, tag, scanhost_text(index), ids->elements[i].text, scanhost_text(now), &result))
        ++result.processed;
      else
        ++stuck;
    host->replies_release(host, scan, page);
  }
  result.errors += stuck;
  host->finish(host, scan, &result);
}

static scanhost_status create(const scanhost_host* lent, void** self, scanhost_error* error) {
  host = lent;
  wait_for = lent->get_extension(lent, scanhost_text(SCANHOST_EXT_BLOCKING));
  if (wait_for == NULL) return scanhost_failed(error, "this host does not offer " SCANHOST_EXT_BLOCKING);
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
                                       .name = SCANHOST_TEXT("expired_sessions"),
                                       .version = SCANHOST_TEXT("1.0.0"),
                                       .summary = SCANHOST_TEXT("Removes sessions past their expiry"),
                                       .licence = SCANHOST_TEXT("Apache-2.0"),
                                       .families = &shards,
                                       .family_count = 1,
                                       .family_stride = sizeof shards,
                                       .default_interval_ms = 1000,
                                       .default_page_size = 100,
                                       .create = create,
                                       .destroy = destroy,
                                       .scan = scan};

const scanhost_plugin* scanhost_plugin_entry(void) { return &plugin; }
