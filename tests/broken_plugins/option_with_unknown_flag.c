/* SPDX-License-Identifier: Apache-2.0
 *
 * An option has a flag that this host does not know.
 */
#include "one_option.h"

BROKEN_OPTION(option_with_unknown_flag) { option->flags = 1u << 9; }
