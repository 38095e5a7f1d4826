/* SPDX-License-Identifier: Apache-2.0
 *
 * A flag has bounds.
 */
#include "one_option.h"

BROKEN_OPTION(option_flag_with_bounds) {
  option->type = SCANHOST_OPTION_FLAG;
  option->flags = SCANHOST_OPTION_HAS_MAXIMUM;
  option->maximum = 1;
}
