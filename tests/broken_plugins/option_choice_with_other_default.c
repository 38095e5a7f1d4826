/* SPDX-License-Identifier: Apache-2.0
 *
 * The default of a choice is none of its choices.
 */
#include "one_option.h"

BROKEN_OPTION(option_choice_with_other_default) {
  static scanhost_string choices[2];
  choices[0] = text_of("red");
  choices[1] = text_of("blue");
  option->type = SCANHOST_OPTION_CHOICE;
  option->choices = choices;
  option->choice_count = 2;
  option->default_value = text_of("bleu");
}
