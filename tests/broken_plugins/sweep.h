/* SPDX-License-Identifier: Apache-2.0
 *
 * A scanner that keeps every rule: it walks one index in pages and acts on each candidate. A file that breaks
 * one of them defines one of the hooks below before it includes this, and says SWEEP(name) after it.
 */
#ifndef BROKEN_PLUGINS_SWEEP_H
#define BROKEN_PLUGINS_SWEEP_H

#include <scanhost/helpers.h>
#include <stdio.h>
#include <stdlib.h>

#include "good.h"

enum { max_items = 16 };

typedef struct visit {
  scanhost_scan* scan;
  const scanhost_partition* where;
  scanhost_result found;
  uint32_t allowance;
  uint32_t acted;
  uint32_t sent;
  char index[64];
  struct visit* next;
} visit;

static const scanhost_host* host;
static visit* visits; /* in flight */

/* The hooks: what is done besides, or instead; some may return. */
#ifndef ON_CREATE
#define ON_CREATE(error)
#endif
#ifndef ON_DESTROY
#define ON_DESTROY()
#endif
#ifndef ON_SCAN
#define ON_SCAN(v)
#endif
#ifndef ON_TURN
#define ON_TURN(v)
#endif
#ifndef ON_PAGE
#define ON_PAGE(v, replies)
#endif
#ifndef ON_CALL
#define ON_CALL(call)
#endif
#ifndef ON_DONE
#define ON_DONE(v, replies)
#endif
#ifndef ON_FINISH
#define ON_FINISH(v) host->finish(host, (v)->scan, &(v)->found)
#endif
#ifndef DROP
#define DROP(v) free(v)
#endif

static inline void end_visit(visit* v) {
  visit** at = &visits;
  while (*at != v) at = &(*at)->next;
  *at = v->next;
  ON_FINISH(v);
  free(v);
}

static void on_turn(void* user, uint32_t allowance);

static inline void ask(visit* v) { host->next_page(host, v->scan, 0, v->acted, on_turn, v); }

static inline void on_done(void* user, const scanhost_replies* replies) {
  visit* v = (visit*)user;
  uint32_t i;
  ON_DONE(v, replies)
  for (i = 0; i < v->sent; ++i) {
    const scanhost_reply* reply = scanhost_reply_of(replies, i);
    if (reply == NULL) {
      ++v->found.errors;
      continue;
    }
    ++v->found.processed;
    if (reply->integer == 0) ++v->found.unchanged;
  }
  v->acted = v->sent;
  host->replies_release(host, v->scan, replies);
  ask(v);
}

static inline void act(visit* v, const scanhost_reply* items) {
  static const scanhost_string words[] = {SCANHOST_TEXT("EVAL"), SCANHOST_TEXT("return 1"),
                                          SCANHOST_TEXT("1")};
  scanhost_string args[max_items][5];
  scanhost_command calls[max_items];
  uint32_t i;
  v->sent = 0;
  for (i = 0; i < items->element_count && i < max_items && i < v->allowance; ++i) {
    memcpy(args[i], words, sizeof words);
    args[i][3] = scanhost_text(v->index);
    args[i][4] = items->elements[i].text;
    calls[i] = scanhost_command_of(args[i], 5);
    calls[i].flags = SCANHOST_COMMAND_ACTS;
    calls[i].item = items->elements[i].text;
    ON_CALL(&calls[i])
    ++v->sent;
  }
  host->execute(host, v->scan, calls, v->sent, sizeof calls[0], on_done, v);
}

static inline void on_page(void* user, const scanhost_replies* replies) {
  visit* v = (visit*)user;
  const scanhost_reply* items = scanhost_reply_of(replies, 0);
  ON_PAGE(v, replies)
  if (items == NULL && scanhost_outcome_at(replies, 0)->kind != SCANHOST_OUTCOME_HELD_BACK) ++v->found.errors;
  if (items == NULL || items->element_count == 0)
    end_visit(v);
  else
    act(v, items);
}

static inline void on_turn(void* user, uint32_t allowance) {
  visit* v = (visit*)user;
  const scanhost_string args[] = {SCANHOST_TEXT("ZRANGEBYSCORE"), scanhost_text(v->index),
                                  SCANHOST_TEXT("-inf"), SCANHOST_TEXT("+inf")};
  const scanhost_command page = scanhost_command_of(args, 4);
  v->allowance = allowance;
  ON_TURN(v)
  if (allowance == 0)
    end_visit(v);
  else
    host->execute(host, v->scan, &page, 1, sizeof page, on_page, v);
}

static inline void sweep_scan(void* self, scanhost_scan* scan, const scanhost_partition* where) {
  visit* v = (visit*)calloc(1, sizeof *v);
  (void)self;
  v->scan = scan;
  v->where = where;
  v->found.struct_size = sizeof v->found;
  snprintf(v->index, sizeof v->index, "due:%.*s", (int)where->tag.size, where->tag.data);
  v->next = visits;
  visits = v;
  ON_SCAN(v)
  ask(v);
}

static inline scanhost_status sweep_create(const scanhost_host* lent, void** self, scanhost_error* error) {
  (void)error;
  host = lent;
  *self = &visits;
  ON_CREATE(error)
  return SCANHOST_OK;
}

static inline void sweep_destroy(void* self) {
  (void)self;
  while (visits != NULL) {
    visit* gone = visits;
    visits = gone->next;
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
