/* SPDX-License-Identifier: Apache-2.0
 *
 * Finishes an explanation without a finding.
 */
#define EXPLAIN() finish_explanation()
#include "explains.h"

EXPLAINS(explains_nothing)
