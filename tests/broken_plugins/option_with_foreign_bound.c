/* SPDX-License-Identifier: Apache-2.0
 *
 * A whole number has the bound of a real one.
 */
#include "one_option.h"

BROKEN_OPTION(option_with_foreign_bound) {
  option->type = SCANHOST_OPTION_INTEGER;
  option->flags = SCANHOST_OPTION_HAS_MAXIMUM;
  option->real_maximum = 0.5;
}
