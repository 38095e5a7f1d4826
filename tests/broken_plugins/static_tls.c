/* SPDX-License-Identifier: Apache-2.0
 *
 * Its thread-local variable uses the TLS model of executables.
 */
static __thread int scans_begun __attribute__((tls_model("initial-exec")));

#define ON_SCAN(running) ++scans_begun;
#include "sweep.h"

SWEEP(static_tls)
