/* SPDX-License-Identifier: Apache-2.0
 *
 * Sends a command that writes in an explanation.
 */
#define EXPLAIN() ask_with("ZADD")
#include "explains.h"

EXPLAINS(writes_to_explain)
