/* SPDX-License-Identifier: Apache-2.0
 *
 * Extension "scanhost.state/1" of a plugin: what an instance hands over to its replacement when it is
 * replaced while the host runs. C99, and valid C++.
 *
 * The plugin offers it through the descriptor's `get_extension`. No instance may depend on a state: one
 * that gets none (first start, crash, a predecessor that would not drain, a state that is too
 * large, a restart of the host) starts afresh.
 */
#ifndef SCANHOST_EXT_STATE_H
#define SCANHOST_EXT_STATE_H

#include "../types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SCANHOST_EXT_STATE "scanhost.state/1"

/* The largest state that is handed over, in bytes: 1 MiB. */
#define SCANHOST_STATE_LARGEST ((size_t)1 << 20)

/* Takes more bytes of a state; they are copied before it returns. SCANHOST_INVALID: the state is larger
 * than SCANHOST_STATE_LARGEST; stop, it is dropped. */
typedef scanhost_status (*scanhost_write_state)(void* writer, scanhost_string bytes);

/* Growing; constant, alive as long as the library is open. */
typedef struct scanhost_state {
  uint32_t struct_size;
  uint32_t version; /* of the format that `export_state` writes; the plugin's own business */

  /* [scanner thread, every scan is finished, just before destroy] Writes the state in any number of
   * pieces. On FAILED, `error` holds the reason, which is logged, and the replacement starts afresh. */
  scanhost_status (*export_state)(void* self, scanhost_write_state write, void* writer,
                                  scanhost_error* error);

  /* [scanner thread, after create, before the first cycle] Takes over the state that another build of this
   * plugin wrote in format `version`; `bytes` lives until it returns. On FAILED, `error` holds the
   * reason, which is logged; the instance then has to be as if it had never been asked. */
  scanhost_status (*import_state)(void* self, uint32_t version, scanhost_string bytes, scanhost_error* error);
} scanhost_state;

#ifdef __cplusplus
}
#endif

#endif
