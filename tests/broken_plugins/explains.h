/* SPDX-License-Identifier: Apache-2.0
 *
 * A scanner that keeps every rule and explains its items. A file that explains in another way defines
 * EXPLAIN.
 */
#ifndef BROKEN_PLUGINS_EXPLAINS_H
#define BROKEN_PLUGINS_EXPLAINS_H

#include "sweep.h"

typedef struct running_explanation {
  scanhost_scan* scan;
  scanhost_string item;
  scanhost_report_finding report;
  void* reporter;
} running_explanation;

static running_explanation explanation; /* there is one at a time */

static inline void report(int32_t standing, const char* reason) {
  scanhost_finding finding;
  memset(&finding, 0, sizeof finding);
  finding.struct_size = sizeof finding;
  finding.standing = standing;
  finding.reason = scanhost_text(reason);
  explanation.report(explanation.reporter, &finding);
}

static inline void finish_explanation(void) {
  scanhost_result none;
  memset(&none, 0, sizeof none);
  none.struct_size = sizeof none;
  host->finish(host, explanation.scan, &none);
}

static inline void on_score(void* user, const scanhost_replies* replies) {
  const scanhost_reply* score = scanhost_reply_of(replies, 0);
  (void)user;
  if (score == NULL)
    report(SCANHOST_STANDING_UNKNOWN, "its score could not be read");
  else if (score->kind == SCANHOST_REPLY_STRING)
    report(SCANHOST_STANDING_DUE, "it is in the index");
  else
    report(SCANHOST_STANDING_NOT_HERE, "it is not in the index");
  finish_explanation();
}

static inline void ask_with(const char* command) {
  static scanhost_string args[4];
  scanhost_command call;
  args[0] = scanhost_text(command);
  args[1] = scanhost_text("due:{shard:0}");
  args[2] = strcmp(command, "ZADD") == 0 ? scanhost_text("1") : explanation.item;
  args[3] = explanation.item;
  call = scanhost_command_of(args, strcmp(command, "ZADD") == 0 ? 4 : 3);
  host->execute(host, explanation.scan, &call, 1, sizeof call, on_score, NULL);
}

#ifndef EXPLAIN
#define EXPLAIN() ask_with("ZSCORE")
#endif

static inline void explain_item(void* self, scanhost_scan* scan, const scanhost_partition* partition,
                                scanhost_string item, scanhost_report_finding to, void* reporter) {
  (void)self;
  (void)partition;
  explanation.scan = scan;
  explanation.item = item;
  explanation.report = to;
  explanation.reporter = reporter;
  EXPLAIN();
}

static inline const void* get_extension(scanhost_string id) {
  static const scanhost_explain table = {sizeof table, 0, explain_item, NULL};
  const scanhost_string own = SCANHOST_TEXT(SCANHOST_EXT_EXPLAIN);
  return id.size == own.size && memcmp(id.data, own.data, own.size) == 0 ? &table : NULL;
}

#define EXPLAINS(name)                                 \
  const scanhost_plugin* scanhost_plugin_entry(void) { \
    make_sweep(#name);                                 \
    sweep_plugin.get_extension = get_extension;        \
    return &sweep_plugin;                              \
  }

#endif
