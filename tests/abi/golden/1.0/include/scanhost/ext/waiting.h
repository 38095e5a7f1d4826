/* SPDX-License-Identifier: Apache-2.0
 *
 * Extension "scanhost.waiting/1" of the host: scans that wait for something outside the store, without
 * polling: work that a thread of the plugin does, or a descriptor such as a socket. C99, and valid C++.
 *
 * A plugin's own threads are joined in `destroy`. They call nothing of the host but `wake`.
 */
#ifndef SCANHOST_EXT_WAITING_H
#define SCANHOST_EXT_WAITING_H

#include "../host.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SCANHOST_EXT_WAITING "scanhost.waiting/1"

/* What a wait ended with. */
enum {
  SCANHOST_READY_READ = 1u << 0,  /* reading the descriptor does not block; also at its end or error */
  SCANHOST_READY_WRITE = 1u << 1, /* writing to it does not block */
  SCANHOST_READY_WOKEN = 1u << 2  /* `wake` was called */
};

/* [scanner thread, scan] A wait has ended. `events`: SCANHOST_READY_*; 0: the time is over, or the scan was
 * cancelled. */
typedef void (*scanhost_on_ready)(void* user, uint32_t events);

/* Growing; owned by the host, valid until the end of `destroy`. */
typedef struct scanhost_waiting {
  uint32_t struct_size;
  uint32_t reserved; /* 0 */

  /* [scanner thread, scan] A new number by which this scan can be woken until it ends. Numbers are not used
   * again by this instance. 0: no such scan is under way. */
  uint64_t (*wake_token)(const scanhost_host* host, scanhost_scan* scan);

  /* [scanner thread, scan] Calls `on_ready` once: when `wake` is called with the token, or was since the
   * last wait for it; after `timeout_ms`; or when the scan is cancelled. Never from inside this call. OK, or
   * INVALID: the token is not of this scan, or is waited for already. */
  scanhost_status (*wait)(const scanhost_host* host, scanhost_scan* scan, uint64_t token, uint64_t timeout_ms,
                          scanhost_on_ready on_ready, void* user);

  /* [any thread, from `create` until `destroy` returns] Ends the wait for the token, or lets the next one end
   * at once. A token whose scan has ended is ignored. */
  void (*wake)(const scanhost_host* host, uint64_t token);

  /* [scanner thread, scan] Calls `on_ready` once: when the descriptor is ready for one of `events` (READ,
   * WRITE), after `timeout_ms`, or when the scan is cancelled. Never from inside this call. The descriptor
   * stays the plugin's and may be closed while it waits. Each call waits once. OK, or INVALID: no events, or
   * the system cannot wait for this descriptor (a regular file). */
  scanhost_status (*when_ready)(const scanhost_host* host, scanhost_scan* scan, int32_t descriptor,
                                uint32_t events, uint64_t timeout_ms, scanhost_on_ready on_ready, void* user);
} scanhost_waiting;

#ifdef __cplusplus
}
#endif

#endif
