/* SPDX-License-Identifier: Apache-2.0
 *
 * Counts an empty page as an error.
 */
#define ON_PAGE(running, replies) \
  if (items != NULL && items->element_count == 0) ++running->found.errors;
#include "sweep.h"

SWEEP(errors_on_empty)
