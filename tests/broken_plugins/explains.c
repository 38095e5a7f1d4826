/* SPDX-License-Identifier: Apache-2.0
 *
 * Keeps every rule, also when it explains items.
 */
#include "explains.h"

EXPLAINS(explains)
