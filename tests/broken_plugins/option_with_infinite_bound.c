/* SPDX-License-Identifier: Apache-2.0
 *
 * The bound of a real number is not a number.
 */
#include "one_option.h"

BROKEN_OPTION(option_with_infinite_bound) {
  option->type = SCANHOST_OPTION_REAL;
  option->flags = SCANHOST_OPTION_HAS_MINIMUM;
  memset(&option->real_minimum, 0xff, sizeof option->real_minimum);
}
