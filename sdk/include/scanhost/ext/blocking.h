/* SPDX-License-Identifier: Apache-2.0
 *
 * Extension "scanhost.blocking/1" of the host: straight-line scanning for serial plugins. C99,
 * and valid C++.
 *
 * Only for a descriptor with SCANHOST_PLUGIN_SERIAL, and only inside `scan`, `begin_cycle` and `end_cycle`.
 * The calls return when the answer is there; the host calls nothing of the plugin meanwhile.
 */
#ifndef SCANHOST_EXT_BLOCKING_H
#define SCANHOST_EXT_BLOCKING_H

#include "../host.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SCANHOST_EXT_BLOCKING "scanhost.blocking/1"

/* Growing; owned by the host, valid until the end of `destroy`. */
typedef struct scanhost_blocking {
  uint32_t struct_size;
  uint32_t reserved; /* 0 */

  /* [scanner thread, inside scan] As scanhost_host.execute, with the batch as the answer: owned by the
   * host, lives until it is released or the scan is finished. Null: the call broke a rule. */
  const scanhost_replies* (*execute)(const scanhost_host* host, scanhost_scan* scan,
                                     const scanhost_command* commands, size_t count, size_t stride);

  /* [scanner thread, inside scan] As scanhost_host.next_page: how many candidates may be acted on; 0:
   * the pass is over. */
  uint32_t (*next_page)(const scanhost_host* host, scanhost_scan* scan, uint32_t pass, uint32_t acted);

  /* [scanner thread, inside scan] Returns after `delay_ms`, or at once when the scan is cancelled. */
  void (*pause)(const scanhost_host* host, scanhost_scan* scan, uint64_t delay_ms);
} scanhost_blocking;

#ifdef __cplusplus
}
#endif

#endif
