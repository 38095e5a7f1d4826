/* SPDX-License-Identifier: Apache-2.0
 *
 * Extension "scanhost.failures/1" of the host: failure tracking by partition and item. C99, and valid C++.
 *
 * The host keeps it for each scanner, partition and item: the items "42" of two partitions are two items. It
 * survives a restart of the scanner and a reload. Three failures of an item in a row put it into back-off: it
 * is skipped in the next nine cycles and tried again in the tenth. The item that fails for the third time is
 * logged by the host, once.
 */
#ifndef SCANHOST_EXT_FAILURES_H
#define SCANHOST_EXT_FAILURES_H

#include "../host.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SCANHOST_EXT_FAILURES "scanhost.failures/1"

/* Growing; owned by the host, valid until the end of `destroy`. `item` is only read; `scan` says the
 * partition. A scan that is over: no item is in back-off, nothing is counted. */
typedef struct scanhost_failures {
  uint32_t struct_size;
  uint32_t reserved; /* 0 */

  /* [scanner thread, scan] 1: the item is in back-off; skip it and count it as skipped. */
  int32_t (*should_skip)(const scanhost_host* host, scanhost_scan* scan, scanhost_string item);

  /* [scanner thread, scan] The item's call or read failed. `reason`: for the log line. */
  void (*failure)(const scanhost_host* host, scanhost_scan* scan, scanhost_string item,
                  scanhost_string reason);

  /* [scanner thread, scan] The item was handled: its failures are forgotten. */
  void (*success)(const scanhost_host* host, scanhost_scan* scan, scanhost_string item);
} scanhost_failures;

#ifdef __cplusplus
}
#endif

#endif
