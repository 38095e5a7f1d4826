/* SPDX-License-Identifier: Apache-2.0
 *
 * Believes that there is always a candidate.
 */
#define ON_PAGE(v, replies) v->found.oldest_due_ms = items != NULL && items->element_count == 0 ? *(volatile char*)0 : 0;
#include "sweep.h"

SWEEP(crashes_on_empty)
