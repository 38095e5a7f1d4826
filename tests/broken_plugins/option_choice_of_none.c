/* SPDX-License-Identifier: Apache-2.0
 *
 * A choice has no choices.
 */
#include "one_option.h"

BROKEN_OPTION(option_choice_of_none) { option->type = SCANHOST_OPTION_CHOICE; }
