/* SPDX-License-Identifier: Apache-2.0
 *
 * Takes a page that failed for an empty one.
 */
#define ON_PAGE(v, replies) \
  if (items == NULL) {      \
    end_visit(v);           \
    return;                 \
  }
#include "sweep.h"

SWEEP(hides_errors)
