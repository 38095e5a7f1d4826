/* SPDX-License-Identifier: Apache-2.0
 *
 * The default of a text is a list.
 */
#include "one_option.h"

BROKEN_OPTION(option_text_with_defaults) {
  static scanhost_string colour;
  colour = text_of("red");
  option->default_values = &colour;
  option->default_value_count = 1;
}
