/* SPDX-License-Identifier: Apache-2.0
 *
 * A scanner with nothing wrong: what the others break in one way each.
 */
#include "sweep.h"

SWEEP(sweeps)
