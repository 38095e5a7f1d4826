/* SPDX-License-Identifier: Apache-2.0
 *
 * An option has the name by which YAML gives the secret of another.
 */
#include "one_option.h"

BROKEN_OPTION(option_named_as_a_secret) {
  make_option(&options[0], "broken_file", SCANHOST_OPTION_TEXT);
  option->flags = SCANHOST_OPTION_SECRET;
}
