/* SPDX-License-Identifier: Apache-2.0
 *
 * An option is required and has a default.
 */
#include "one_option.h"

BROKEN_OPTION(option_required_with_default) {
  option->flags = SCANHOST_OPTION_REQUIRED;
  option->default_value = text_of("x");
}
