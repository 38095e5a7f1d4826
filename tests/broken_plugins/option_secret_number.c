/* SPDX-License-Identifier: Apache-2.0
 *
 * A secret option is a number.
 */
#include "one_option.h"

BROKEN_OPTION(option_secret_number) {
  option->type = SCANHOST_OPTION_INTEGER;
  option->flags = SCANHOST_OPTION_SECRET;
}
