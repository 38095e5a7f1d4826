/* SPDX-License-Identifier: Apache-2.0
 *
 * Acts on everything that it found, whatever its turn allows.
 */
#define ON_TURN(running) \
  if (allowance > 0) running->allowance = max_items;
#include "sweep.h"

SWEEP(acts_beyond_turn)
