/* SPDX-License-Identifier: Apache-2.0
 *
 * A text has to be longer than it can be.
 */
#include "one_option.h"

BROKEN_OPTION(option_with_huge_length) {
  option->flags = SCANHOST_OPTION_HAS_MINIMUM;
  option->minimum = 1 << 30;
}
