/* SPDX-License-Identifier: Apache-2.0
 *
 * Opens a file and never closes it.
 */
#define _GNU_SOURCE
#include <fcntl.h>

#define ON_CREATE(error) \
  if (open("/dev/null", O_RDONLY | O_CLOEXEC) < 0) return scanhost_failed(error, "no /dev/null");
#include "sweep.h"

SWEEP(leaves_a_descriptor)
