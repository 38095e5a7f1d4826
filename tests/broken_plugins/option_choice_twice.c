/* SPDX-License-Identifier: Apache-2.0
 *
 * A choice has one of its choices twice.
 */
#include "one_option.h"

BROKEN_OPTION(option_choice_twice) {
  static scanhost_string choices[2];
  choices[0] = choices[1] = text_of("red");
  option->type = SCANHOST_OPTION_CHOICE;
  option->choices = choices;
  option->choice_count = 2;
}
