/* SPDX-License-Identifier: Apache-2.0
 *
 * Acts on all that it found, whatever its turn allows.
 */
#define ON_TURN(v) \
  if (allowance > 0) v->allowance = max_items;
#include "sweep.h"

SWEEP(acts_beyond_turn)
