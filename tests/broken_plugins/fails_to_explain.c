/* SPDX-License-Identifier: Apache-2.0
 *
 * Ends an explanation with fail.
 */
#define EXPLAIN() host->fail(host, explanation.scan, scanhost_text("no such item"))
#include "explains.h"

EXPLAINS(fails_to_explain)
