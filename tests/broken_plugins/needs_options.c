/* SPDX-License-Identifier: Apache-2.0
 *
 * Nothing is wrong with it, but it cannot work without `urls`; and it refuses an url without a colon, which
 * its table of options cannot say.
 */
#include <scanhost/helpers.h>

#include "one_option.h"

static scanhost_status create(const scanhost_host* host, void** self, scanhost_error* error) {
  scanhost_string url;
  const size_t count = host->option_count(host, scanhost_text("urls"));
  *self = 0;
  if (count == 0) return scanhost_failed(error, "it was created without its required option");
  for (size_t i = 0; i < count; ++i) {
    if (host->option_text(host, scanhost_text("urls"), i, &url) != SCANHOST_OK)
      return scanhost_failed(error, "a value of its required option cannot be read");
    if (url.size == 7 && memcmp(url.data, "example", 7) == 0) continue;
    if (memchr(url.data, ':', url.size) == NULL)
      return scanhost_bad_option(error, "urls", "expected urls such as http://host/path");
  }
  return SCANHOST_OK;
}

BROKEN_OPTION(needs_options) {
  make_option(option, "urls", SCANHOST_OPTION_TEXT_LIST);
  option->flags = SCANHOST_OPTION_REQUIRED | SCANHOST_OPTION_HAS_MINIMUM;
  option->minimum = 1;
  plugin.create = create;
}
