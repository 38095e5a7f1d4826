/* SPDX-License-Identifier: Apache-2.0
 *
 * Extension "scanhost.explain/1" of a plugin: where one item stands for this scanner, and why, for an
 * operator who asks (`scanhost ctl explain ITEM`). C99, and valid C++.
 *
 * The plugin offers it through the descriptor's `get_extension`. An explanation is a scan that only reads: it
 * may send commands, wait and finish as a scan does, but a command that may change something is not sent
 * (outcome REFUSED; scripts and functions are sent in their read-only form), there are no turns, and its
 * result counts nowhere. No item is in back-off for it and failures are ignored: the host itself says which
 * items are. One that fails ends alone; the scanner goes on.
 */
#ifndef SCANHOST_EXT_EXPLAIN_H
#define SCANHOST_EXT_EXPLAIN_H

#include "../host.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SCANHOST_EXT_EXPLAIN "scanhost.explain/1"

/* The most findings that one explanation may report; more are dropped. */
#define SCANHOST_MAX_FINDINGS 64

/* Where an item stands. Values are never reused. */
enum {
  SCANHOST_STANDING_NOT_HERE = 0,  /* this scanner has nothing to do with it: it is in none of its indexes */
  SCANHOST_STANDING_DUE = 1,       /* the next scan acts on it */
  SCANHOST_STANDING_WAITING = 2,   /* it is acted on later: at `due_ms`, where that is known */
  SCANHOST_STANDING_HELD = 3,      /* it would be acted on, but something keeps it back; `reason` says what */
  SCANHOST_STANDING_FILTERED = 4,  /* the scanner's options leave it out */
  SCANHOST_STANDING_IN_ORDER = 5,  /* the scanner looks after it, and there is nothing to do */
  SCANHOST_STANDING_MALFORMED = 6, /* the item's name or its record cannot be read as what it should be */
  SCANHOST_STANDING_UNKNOWN = 7    /* it could not be found out: a read failed */
};

/* Flags of a finding. */
enum {
  SCANHOST_FINDING_SCORE = 1u << 0 /* `score` counts */
};

/* What was found about the item in one place. Growing; copied before the call that reports it returns. */
typedef struct scanhost_finding {
  uint32_t struct_size;
  uint32_t flags;         /* SCANHOST_FINDING_* */
  int32_t standing;       /* SCANHOST_STANDING_* */
  uint32_t reserved;      /* 0 */
  scanhost_string index;  /* the key in which it was looked for; empty: none */
  double score;           /* of the item in a sorted set */
  int64_t due_ms;         /* when it comes or came due, ms since the epoch; 0: unknown */
  scanhost_string reason; /* one sentence for people, without a full stop at its end; no secrets */
} scanhost_finding;

/* [scanner thread, from `explain` until its scan is finished] Takes one more finding. INVALID: it is null, is
 * shorter than up to `reason`, has a flag or a standing that the host does not know, or there are
 * SCANHOST_MAX_FINDINGS already. */
typedef scanhost_status (*scanhost_report_finding)(void* reporter, const scanhost_finding* finding);

/* Growing; constant, alive as long as the library is open. */
typedef struct scanhost_explain {
  uint32_t struct_size;
  uint32_t reserved; /* 0 */

  /* [scanner thread, between scans] Starts an explanation of `item` in one partition; it ends as a scan does,
   * by `finish` or `fail`. Report at least one finding. `item` is any bytes that an operator has typed. It,
   * `partition`, `report` and `reporter` live until the end. A serial plugin may use the blocking forms
   * inside. There is one explanation at a time, possibly beside scans. */
  void (*explain)(void* self, scanhost_scan* scan, const scanhost_partition* partition, scanhost_string item,
                  scanhost_report_finding report, void* reporter);

  /* [scanner thread, between scans] Optional. In which of the `count` partitions (1 or more) of the first
   * family the item is to be looked for, into `index`: 1. Not known: 0; then all partitions are asked, one
   * after the other. It is not asked about an item that has the hash tag of one of the partitions. */
  int32_t (*find_partition)(void* self, scanhost_string item, uint32_t count, uint32_t* index);
} scanhost_explain;

#ifdef __cplusplus
}
#endif

#endif
