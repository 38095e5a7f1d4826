/* SPDX-License-Identifier: Apache-2.0
 *
 * Sends a command without arguments.
 */
#define ON_SCAN(running)                                       \
  const scanhost_command empty = scanhost_command_of(NULL, 0); \
  if (host->execute(host, running->scan, &empty, 1, sizeof empty, on_page, running) == SCANHOST_OK) return;
#include "sweep.h"

SWEEP(sends_nothing)
