/* SPDX-License-Identifier: Apache-2.0
 *
 * A scanner with nothing wrong; the other files break it in one way each.
 */
#include "sweep.h"

SWEEP(sweeps)
