/* SPDX-License-Identifier: Apache-2.0
 *
 * Treats a page that failed as an empty one.
 */
#define ON_PAGE(running, replies) \
  if (items == NULL) {            \
    end_scan(running);            \
    return;                       \
  }
#include "sweep.h"

SWEEP(hides_errors)
