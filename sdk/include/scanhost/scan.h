/* SPDX-License-Identifier: Apache-2.0
 *
 * A scan: one scanner looks at one partition, once in each cycle. C99, and valid C++.
 */
#ifndef SCANHOST_SCAN_H
#define SCANHOST_SCAN_H

#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The host's handle of one scan. Valid from `scan` until `finish`. */
typedef struct scanhost_scan scanhost_scan;

/* Flags of a partition. */
enum {
  /* An early visit, not part of a cycle: an item came due (`next_due_ms`). */
  SCANHOST_VISIT_EARLY = 1u << 0
};

/* Where a scan looks. Growing; owned by the host, lives until the scan is finished. */
typedef struct scanhost_partition {
  uint32_t struct_size;
  uint32_t index;         /* 0 .. count-1; in a listed family it may be another one in each cycle */
  uint32_t count;         /* partitions of the family, in this cycle */
  uint32_t flags;         /* SCANHOST_VISIT_* */
  scanhost_string tag;    /* the hash tag, braces included: "{fp:7}"; empty in the families
                             `node` and `single` */
  scanhost_string family; /* "flow" */
  uint64_t cycle;         /* number of the current cycle, from 1 */
  scanhost_string member; /* of a listed family, what stands for the `*`: "mail"; else empty */
} scanhost_partition;

enum {
  SCANHOST_RESULT_BACKLOG = 1u << 0 /* `backlog` was sampled */
};

/* What a scan found and did. Growing; read by the host before `finish` returns. */
typedef struct scanhost_result {
  uint32_t struct_size;
  uint32_t flags;        /* SCANHOST_RESULT_* */
  uint64_t processed;    /* candidates that were handled */
  uint64_t unchanged;    /* those of the processed whose call changed nothing */
  uint64_t errors;       /* candidates or reads that failed */
  uint64_t skipped;      /* candidates that were passed over: filter, back-off */
  int64_t next_due_ms;   /* the first score after the scan's now, ms since the epoch; 0: unknown.
                            The host then scans this partition again at that moment */
  int64_t oldest_due_ms; /* due time of the oldest candidate that is still waiting; 0: none */
  uint64_t backlog;      /* entries still to be done, due or not; counts only with the flag */
} scanhost_result;

#ifdef __cplusplus
}
#endif

#endif
