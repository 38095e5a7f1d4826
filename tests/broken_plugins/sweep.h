/* SPDX-License-Identifier: Apache-2.0
 *
 * A scanner that keeps every rule: it walks one index in pages and acts on each candidate. A file that breaks
 * a rule defines one of the hooks below before it includes this header, and uses SWEEP(name) after it.
 */
#ifndef BROKEN_PLUGINS_SWEEP_H
#define BROKEN_PLUGINS_SWEEP_H

#include <scanhost/helpers.h>
#include <stdio.h>
#include <stdlib.h>

#include "good.h"

enum { max_items = 16 };

typedef struct running_scan {
  scanhost_scan* scan;
  const scanhost_partition* where;
  scanhost_result found;
  uint32_t allowance;
  uint32_t acted;
  uint32_t sent;
  uint32_t staying; /* candidates whose calls failed, at the front of the index */
  char index[64];
  struct running_scan* next;
} running_scan;

static const scanhost_host* host;
static running_scan* running_scans; /* in flight */

/* The hooks run in addition to the scanner's own steps or in place of them; some may return. */
#ifndef ON_CREATE
#define ON_CREATE(error)
#endif
#ifndef ON_DESTROY
#define ON_DESTROY()
#endif
#ifndef ON_SCAN
#define ON_SCAN(running)
#endif
#ifndef ON_TURN
#define ON_TURN(running)
#endif
#ifndef ON_PAGE
#define ON_PAGE(running, replies)
#endif
#ifndef ON_CALL
#define ON_CALL(call)
#endif
#ifndef ON_DONE
#define ON_DONE(running, replies)
#endif
#ifndef ON_FINISH
#define ON_FINISH(running) host->finish(host, (running)->scan, &(running)->found)
#endif
#ifndef DROP
#define DROP(running) free(running)
#endif

static inline void end_scan(running_scan* running) {
  running_scan** at = &running_scans;
  while (*at != running) at = &(*at)->next;
  *at = running->next;
  ON_FINISH(running);
  free(running);
}

static void on_turn(void* user, uint32_t allowance);

static inline void ask(running_scan* running) {
  host->next_page(host, running->scan, 0, running->acted, on_turn, running);
}

static inline void on_done(void* user, const scanhost_replies* replies) {
  running_scan* running = (running_scan*)user;
  uint32_t i;
  ON_DONE(running, replies)
  for (i = 0; i < running->sent; ++i) {
    const scanhost_reply* reply = scanhost_reply_of(replies, i);
    if (reply == NULL) {
      ++running->found.errors;
      ++running->staying;
      continue;
    }
    ++running->found.processed;
    if (reply->integer == 0) ++running->found.unchanged;
  }
  running->acted = running->sent;
  host->replies_release(host, running->scan, replies);
  ask(running);
}

static inline void act(running_scan* running, const scanhost_reply* items) {
  static const scanhost_string words[] = {SCANHOST_TEXT("EVAL"), SCANHOST_TEXT("return 1"),
                                          SCANHOST_TEXT("1")};
  scanhost_string args[max_items][5];
  scanhost_command calls[max_items];
  uint32_t i;
  running->sent = 0;
  for (i = 0; i < items->element_count && i < max_items && i < running->allowance; ++i) {
    memcpy(args[i], words, sizeof words);
    args[i][3] = scanhost_text(running->index);
    args[i][4] = items->elements[i].text;
    calls[i] = scanhost_command_of(args[i], 5);
    calls[i].flags = SCANHOST_COMMAND_ACTS;
    calls[i].item = items->elements[i].text;
    ON_CALL(&calls[i])
    ++running->sent;
  }
  host->execute(host, running->scan, calls, running->sent, sizeof calls[0], on_done, running);
}

static inline void on_page(void* user, const scanhost_replies* replies) {
  running_scan* running = (running_scan*)user;
  const scanhost_reply* items = scanhost_reply_of(replies, 0);
  ON_PAGE(running, replies)
  if (items == NULL && scanhost_outcome_at(replies, 0)->kind != SCANHOST_OUTCOME_HELD_BACK)
    ++running->found.errors;
  if (items == NULL || items->element_count == 0)
    end_scan(running);
  else
    act(running, items);
}

static inline void read_page(running_scan* running) {
  static const scanhost_string words[] = {SCANHOST_TEXT("ZRANGEBYSCORE"),
                                          {0, 0},
                                          SCANHOST_TEXT("-inf"),
                                          SCANHOST_TEXT("+inf"),
                                          SCANHOST_TEXT("LIMIT")};
  char offset[16], limit[16];
  scanhost_string args[7];
  scanhost_command page;
  snprintf(offset, sizeof offset, "%u", running->staying);
  snprintf(limit, sizeof limit, "%u", running->allowance);
  memcpy(args, words, sizeof words);
  args[1] = scanhost_text(running->index);
  args[5] = scanhost_text(offset);
  args[6] = scanhost_text(limit);
  page = scanhost_command_of(args, 7);
  host->execute(host, running->scan, &page, 1, sizeof page, on_page, running);
}

static inline void on_turn(void* user, uint32_t allowance) {
  running_scan* running = (running_scan*)user;
  running->allowance = allowance;
  ON_TURN(running)
  if (allowance == 0)
    end_scan(running);
  else
    read_page(running);
}

static inline void sweep_scan(void* self, scanhost_scan* scan, const scanhost_partition* where) {
  running_scan* running = (running_scan*)calloc(1, sizeof *running);
  (void)self;
  running->scan = scan;
  running->where = where;
  running->found.struct_size = sizeof running->found;
  snprintf(running->index, sizeof running->index, "due:%.*s", (int)where->tag.size, where->tag.data);
  running->next = running_scans;
  running_scans = running;
  ON_SCAN(running)
  ask(running);
}

static inline scanhost_status sweep_create(const scanhost_host* lent, void** self, scanhost_error* error) {
  (void)error;
  host = lent;
  *self = &running_scans;
  ON_CREATE(error)
  return SCANHOST_OK;
}

static inline void sweep_destroy(void* self) {
  (void)self;
  while (running_scans != NULL) {
    running_scan* gone = running_scans;
    running_scans = gone->next;
    DROP(gone);
  }
  ON_DESTROY()
}

static scanhost_family sweep_family;
static scanhost_plugin sweep_plugin;

static inline const scanhost_plugin* make_sweep(const char* name) {
  make_good(&sweep_plugin, &sweep_family, name);
  sweep_plugin.create = sweep_create;
  sweep_plugin.destroy = sweep_destroy;
  sweep_plugin.scan = sweep_scan;
  return &sweep_plugin;
}

#ifdef __cplusplus
#define SWEEP(name) \
  extern "C" const scanhost_plugin* scanhost_plugin_entry() { return make_sweep(#name); }
#else
#define SWEEP(name) \
  const scanhost_plugin* scanhost_plugin_entry(void) { return make_sweep(#name); }
#endif

#endif
