/* SPDX-License-Identifier: Apache-2.0
 *
 * An option has a minimum without the flag that makes it count.
 */
#include "one_option.h"

BROKEN_OPTION(option_with_silent_bound) {
  option->type = SCANHOST_OPTION_INTEGER;
  option->minimum = -5;
}
