/* SPDX-License-Identifier: Apache-2.0
 *
 * A text has choices.
 */
#include "one_option.h"

BROKEN_OPTION(option_text_with_choices) {
  static scanhost_string choice;
  choice = text_of("red");
  option->choices = &choice;
  option->choice_count = 1;
}
