/* SPDX-License-Identifier: Apache-2.0
 *
 * Takes an empty page for an error.
 */
#define ON_PAGE(v, replies) \
  if (items != NULL && items->element_count == 0) ++v->found.errors;
#include "sweep.h"

SWEEP(errors_on_empty)
