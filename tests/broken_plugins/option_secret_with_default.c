/* SPDX-License-Identifier: Apache-2.0
 *
 * An option is secret and has a default, which everybody can read.
 */
#include "one_option.h"

BROKEN_OPTION(option_secret_with_default) {
  option->flags = SCANHOST_OPTION_SECRET;
  option->default_value = text_of("hunter2");
}
