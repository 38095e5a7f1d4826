/* SPDX-License-Identifier: Apache-2.0
 *
 * Asks never to be unmapped (a link option).
 */
#include "sweep.h"

SWEEP(no_delete)
