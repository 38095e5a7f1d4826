/* SPDX-License-Identifier: Apache-2.0
 *
 * Extension "scanhost.metrics/1" of the host: a plugin's own metrics. C99, and valid C++.
 *
 * The exposed name is the descriptor's metric prefix (or "<plugin>_" where that is empty) followed
 * by `name`; every series carries the label `scanner`. Series live on across reloads.
 */
#ifndef SCANHOST_EXT_METRICS_H
#define SCANHOST_EXT_METRICS_H

#include "../host.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SCANHOST_EXT_METRICS "scanhost.metrics/1"

/* One series. Owned by the host, valid until the end of `destroy`. */
typedef struct scanhost_metric scanhost_metric;

enum { SCANHOST_METRIC_COUNTER = 1, SCANHOST_METRIC_GAUGE = 2, SCANHOST_METRIC_HISTOGRAM = 3 };

/* Growing; owned by the host, valid until the end of `destroy`. */
typedef struct scanhost_metrics {
  uint32_t struct_size;
  uint32_t reserved; /* 0 */

  /* [scanner thread, any phase] The series `name{scanner, labels...}`, added when it is asked for the first
   * time. At most 8 labels. `bounds`, `bound_count`: upper bounds of a histogram's buckets, ascending; 0 for
   * the others. Null: a name or label that is not [a-zA-Z_][a-zA-Z0-9_]*, a label twice or named `scanner`,
   * other label names or another kind than before, or more than 1,000 series of one scanner. */
  scanhost_metric* (*series)(const scanhost_host* host, int32_t kind, scanhost_string name,
                             scanhost_string help, const scanhost_field* labels, size_t label_count,
                             const double* bounds, size_t bound_count);

  /* [scanner thread, any phase] Counter: adds `value` (0 or more). Gauge: sets it. Histogram: observes
   * it. Null is ignored. */
  void (*record)(const scanhost_host* host, scanhost_metric* metric, double value);

  /* [scanner thread, any phase] Takes the series away; its handle is not valid any more. Null is ignored. */
  void (*remove)(const scanhost_host* host, scanhost_metric* metric);
} scanhost_metrics;

#ifdef __cplusplus
}
#endif

#endif
