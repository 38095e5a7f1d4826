/* SPDX-License-Identifier: Apache-2.0
 *
 * The default of a list is one text, as no list has it.
 */
#include "one_option.h"

BROKEN_OPTION(option_list_with_one_default) {
  option->type = SCANHOST_OPTION_TEXT_LIST;
  option->default_value = text_of("red, blue");
}
