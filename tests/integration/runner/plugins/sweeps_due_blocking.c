/* SPDX-License-Identifier: Apache-2.0
 *
 * Straight-line and serial: removes what is due from the sorted set `due:<tag>` of each partition.
 */
#include <stdio.h>

#define SMALL_FLAGS SCANHOST_PLUGIN_SERIAL
#include "small.h"

static const scanhost_host* lent;
static const scanhost_blocking* blocking;

static scanhost_status small_create(const scanhost_host* host, void** self, scanhost_error* error) {
  lent = host;
  *self = 0;
  blocking = (const scanhost_blocking*)host->get_extension(host, text_of(SCANHOST_EXT_BLOCKING));
  if (blocking) return SCANHOST_OK;
  say(error, "no blocking forms");
  return SCANHOST_FAILED;
}
static void small_destroy(void* self) { (void)self; }

static const scanhost_replies* call(scanhost_scan* scan, const scanhost_string* args, size_t count,
                                    uint32_t flags, scanhost_string item) {
  scanhost_command command;
  memset(&command, 0, sizeof command);
  command.struct_size = sizeof command;
  command.flags = flags;
  command.args = args;
  command.arg_count = count;
  command.item = item;
  return blocking->execute(lent, scan, &command, 1, sizeof command);
}

static void small_scan(void* self, scanhost_scan* scan, const scanhost_partition* partition) {
  char key[64], now[32], limit[16];
  scanhost_result result = handled(0);
  uint32_t acted = 0, allowance;
  (void)self;
  snprintf(key, sizeof key, "due:%.*s", (int)partition->tag.size, partition->tag.data);
  while ((allowance = blocking->next_page(lent, scan, 0, acted)) > 0) {
    scanhost_string query[7], removal[3] = {TEXT("ZREM"), {0, 0}, {0, 0}};
    const scanhost_replies* page;
    const scanhost_reply* members;
    size_t i;
    snprintf(now, sizeof now, "%lld", (long long)lent->now_ms(lent, scan));
    snprintf(limit, sizeof limit, "%u", allowance);
    query[0] = text_of("ZRANGEBYSCORE");
    query[1] = removal[1] = text_of(key);
    query[2] = text_of("-inf");
    query[3] = text_of(now);
    query[4] = text_of("LIMIT");
    query[5] = text_of("0");
    query[6] = text_of(limit);
    page = call(scan, query, 7, 0, text_of(""));
    acted = 0;
    if (!page || page->outcomes[0].kind != SCANHOST_OUTCOME_REPLY) {
      ++result.errors;
      break;
    }
    members = page->outcomes[0].reply;
    for (i = 0; i < members->element_count; ++i) {
      const scanhost_replies* removed;
      removal[2] = members->elements[i].text;
      removed = call(scan, removal, 3, SCANHOST_COMMAND_ACTS, removal[2]);
      ++acted;
      if (removed && removed->outcomes[0].kind == SCANHOST_OUTCOME_REPLY)
        ++result.processed;
      else
        ++result.errors;
    }
    if (acted < allowance) break;
  }
  blocking->pause(lent, scan, 1);
  lent->finish(lent, scan, &result);
}
SMALL_PLUGIN("sweeps_due_blocking")
