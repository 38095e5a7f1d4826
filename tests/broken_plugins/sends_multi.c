/* SPDX-License-Identifier: Apache-2.0
 *
 * Begins a transaction on a connection that all scans share.
 */
#define ON_CALL(call)                                                \
  if (i == 0) {                                                      \
    static const scanhost_string multi[] = {SCANHOST_TEXT("MULTI")}; \
    *(call) = scanhost_command_of(multi, 1);                         \
  }
#include "sweep.h"

SWEEP(sends_multi)
