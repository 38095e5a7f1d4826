/* SPDX-License-Identifier: Apache-2.0
 *
 * Its thread-local variable uses the model for programs.
 */
static __thread int scans_begun __attribute__((tls_model("initial-exec")));

#define ON_SCAN(v) ++scans_begun;
#include "sweep.h"

SWEEP(static_tls)
