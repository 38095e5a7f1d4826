/* SPDX-License-Identifier: Apache-2.0
 *
 * Nothing is wrong with it, but it needs another value than the default of `broken`.
 */
#include <scanhost/helpers.h>

#include "one_option.h"

static scanhost_status create(const scanhost_host* host, void** self, scanhost_error* error) {
  scanhost_string value;
  *self = 0;
  if (host->option_text(host, scanhost_text("broken"), 0, &value) != SCANHOST_OK || value.size == 0)
    return scanhost_bad_option(error, "broken", "expected a text");
  return SCANHOST_OK;
}

BROKEN_OPTION(refuses_defaults) {
  option->help = text_of("A text");
  plugin.create = create;
}
